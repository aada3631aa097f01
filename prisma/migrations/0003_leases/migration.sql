-- How every instance that caches learns of a change, and how the changer knows that it did.

ALTER TABLE instance ADD COLUMN name text NOT NULL DEFAULT '';
COMMENT ON COLUMN instance.name IS 'Where the process runs, as people are told which instance is awaited';
COMMENT ON COLUMN instance.fenced_at IS 'Since when it is shut out. The row stays until somebody has waited for the end of every lease it may have held: whoever changes something meanwhile must wait too';
COMMENT ON COLUMN instance.renewed_at IS 'Tells which instances have fallen silent; nothing is decided by it';

-- An instance reads the invalidations of every account.
CREATE OR REPLACE FUNCTION keystead_system() RETURNS boolean LANGUAGE sql STABLE
  AS $$ SELECT coalesce(current_setting('keystead.system', true), '') IN ('sign-in', 'access-key', 'jobs', 'administration', 'instance') $$;

-- Answers which instances may still be unaware of some of the invalidations; closes them all when there is none. One round
-- trip, since every change asks it. An instance that is fenced is awaited too, until its row is gone.
CREATE FUNCTION keystead_close_invalidations(invalidations bigint[])
  RETURNS TABLE (id uuid, name text, fenced boolean)
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
  AS $$
  BEGIN
    RETURN QUERY
      SELECT n.id, n.name, n.fenced_at IS NOT NULL FROM instance n
      WHERE EXISTS (
        SELECT 1 FROM invalidation v WHERE v.id = ANY(invalidations) AND v.closed_at IS NULL AND NOT EXISTS (
          SELECT 1 FROM invalidation_acknowledgement a WHERE a.invalidation_id = v.id AND a.instance_id = n.id))
      ORDER BY n.name, n.id;
    -- Nobody is awaited, and nobody can be again: who registers from now on reads what the change wrote.
    IF NOT FOUND THEN
      -- In the order of their ids, as two processes may close the same ones.
      PERFORM 1 FROM invalidation v WHERE v.id = ANY(invalidations) AND v.closed_at IS NULL ORDER BY v.id FOR NO KEY UPDATE;
      UPDATE invalidation v SET closed_at = now() WHERE v.id = ANY(invalidations) AND v.closed_at IS NULL;
    END IF;
  END
  $$;

-- Shuts instances out: none of them renews its lease from here on.
CREATE FUNCTION keystead_fence_instances(instances uuid[]) RETURNS void
  LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
  AS $$ UPDATE instance SET fenced_at = clock_timestamp() WHERE id = ANY(instances) AND fenced_at IS NULL $$;

-- Forgets instances that were shut out, once every lease they may have held has ended.
CREATE FUNCTION keystead_forget_instances(instances uuid[]) RETURNS void
  LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
  AS $$ DELETE FROM instance WHERE id = ANY(instances) AND fenced_at IS NOT NULL $$;

DO $$
DECLARE f text;
BEGIN
  FOREACH f IN ARRAY ARRAY['keystead_close_invalidations(bigint[])', 'keystead_fence_instances(uuid[])',
    'keystead_forget_instances(uuid[])'] LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO keystead_app', f);
  END LOOP;
END $$;

-- As for the tables of the first migration: in a sub-select, evaluated once per statement and not once per row. The
-- counters of uses are written for hundreds of keys at a time.
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['key_rotation', 'import_request', 'key_alias', 'access_token', 'signed_write', 'key_use',
    'key_activity', 'refused_call', 'key_grant'] LOOP
    EXECUTE format('ALTER POLICY own_account ON %I USING (account_id = (SELECT keystead_account()) OR (SELECT keystead_system()))', t);
  END LOOP;
END $$;
ALTER POLICY granted_to_account ON key_grant USING (grantee_account_id = (SELECT keystead_account()));
