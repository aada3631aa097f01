-- What services need of a key: import, rotation, aliases, grants, replicas, tokens, and the record of its use.

-- ── Material: imported, expiring, rotated ────────────────────────────────────────────────────────────────────────

ALTER TABLE material_version
  ALTER COLUMN sealed DROP NOT NULL,
  ADD COLUMN activated_at timestamptz(3),
  ADD COLUMN expires_at timestamptz(3);
UPDATE material_version SET activated_at = created_at;
COMMENT ON COLUMN material_version.sealed IS 'AES-256-GCM under the account key; associated data: account, set, version, spec. NULL: deleted or expired; the fingerprint stays, because only the identical material may be imported again';
COMMENT ON COLUMN material_version.activated_at IS 'From when new ciphertexts use it; NULL: imported ahead, waiting for rotation on demand';
COMMENT ON COLUMN material_version.expires_at IS 'Imported material is unusable from this moment, even before it is deleted';

ALTER TABLE key DROP COLUMN material_expires_at;
CREATE INDEX material_version_by_expiry ON material_version (expires_at) WHERE expires_at IS NOT NULL AND sealed IS NOT NULL;

CREATE TABLE key_rotation (
  account_id      uuid NOT NULL,
  key_id          uuid NOT NULL,
  enabled         boolean NOT NULL,
  interval_days   integer NOT NULL DEFAULT 365 CHECK (interval_days BETWEEN 30 AND 365),
  due_at          timestamptz(3),
  last_rotated_at timestamptz(3),
  rotations       integer NOT NULL DEFAULT 0,
  PRIMARY KEY (account_id, key_id),
  FOREIGN KEY (account_id, key_id) REFERENCES key (account_id, id) ON DELETE CASCADE,
  CHECK (enabled = (due_at IS NOT NULL))
);
COMMENT ON COLUMN key_rotation.due_at IS 'Kept while the key is Disabled or pending deletion, when nothing is rotated; a key that is Enabled again and overdue is rotated soon';
CREATE INDEX key_rotation_due ON key_rotation (due_at) WHERE enabled;

CREATE TABLE import_request (
  account_id          uuid NOT NULL,
  key_id              uuid NOT NULL,
  id                  uuid NOT NULL,
  wrapping_algorithm  text NOT NULL,
  sealed_wrapping_key bytea NOT NULL,
  failures            integer NOT NULL DEFAULT 0,
  created_at          timestamptz(3) NOT NULL,
  expires_at          timestamptz(3) NOT NULL,
  PRIMARY KEY (account_id, key_id),
  FOREIGN KEY (account_id, key_id) REFERENCES key (account_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE import_request IS 'The one open set of wrapping key and import token of a key: a new one replaces it, success consumes it, ten failures close it';
COMMENT ON COLUMN import_request.sealed_wrapping_key IS 'Private RSA key (PKCS#8) sealed under the account key';

-- ── Aliases ──────────────────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE key_alias (
  account_id uuid NOT NULL,
  region_id  text NOT NULL,
  alias      text NOT NULL CHECK (alias LIKE 'alias/%' AND char_length(alias) BETWEEN 7 AND 261),
  key_id     uuid NOT NULL,
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL,
  PRIMARY KEY (account_id, region_id, alias),
  FOREIGN KEY (account_id, region_id) REFERENCES region (account_id, id),
  FOREIGN KEY (account_id, key_id) REFERENCES key (account_id, id) ON DELETE CASCADE
);
CREATE INDEX key_alias_by_key ON key_alias (account_id, key_id, alias);

-- ── Grants ───────────────────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE key_grant (
  account_id         uuid NOT NULL,
  id                 text NOT NULL CHECK (id ~ '^[0-9a-f]{64}$'),
  key_id             uuid NOT NULL,
  name               text NOT NULL DEFAULT '',
  grantee_type       text NOT NULL CHECK (grantee_type IN ('user', 'domain')),
  grantee_principal  text NOT NULL,
  grantee_account_id uuid NOT NULL REFERENCES account (id),
  retiring_principal text,
  issuing_principal  text NOT NULL,
  operations         text[] NOT NULL,
  created_at         timestamptz(3) NOT NULL,
  PRIMARY KEY (account_id, id),
  FOREIGN KEY (account_id, key_id) REFERENCES key (account_id, id) ON DELETE CASCADE
);
COMMENT ON COLUMN key_grant.grantee_account_id IS 'The account that may see the grant besides the owner''s: a grantee can belong to another account';
CREATE INDEX key_grant_by_key ON key_grant (account_id, key_id, created_at, id);
CREATE INDEX key_grant_by_grantee ON key_grant (grantee_account_id, grantee_principal, key_id);
CREATE INDEX key_grant_by_retiring ON key_grant (retiring_principal) WHERE retiring_principal IS NOT NULL;

-- ── Tokens and repeated writes ───────────────────────────────────────────────────────────────────────────────────

CREATE TABLE access_token (
  token_hash bytea PRIMARY KEY,
  account_id uuid NOT NULL,
  user_id    uuid NOT NULL,
  project_id text NOT NULL,
  created_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  FOREIGN KEY (account_id, user_id) REFERENCES iam_user (account_id, id) ON DELETE CASCADE,
  FOREIGN KEY (account_id, project_id) REFERENCES project (account_id, id)
);
COMMENT ON COLUMN access_token.token_hash IS 'SHA-256 of the token: a dump of this table opens nothing';
CREATE INDEX access_token_by_user ON access_token (account_id, user_id);
CREATE INDEX access_token_by_expiry ON access_token (expires_at);

CREATE TABLE signed_write (
  account_id     uuid NOT NULL REFERENCES account (id),
  signature_hash bytea NOT NULL,
  status         integer,
  body           text,
  created_at     timestamptz(3) NOT NULL,
  PRIMARY KEY (account_id, signature_hash)
);
COMMENT ON TABLE signed_write IS 'Answers of life-cycle writes of the last 15 minutes: a replayed signature gets the first answer and changes nothing';
CREATE INDEX signed_write_by_age ON signed_write (created_at);

-- ── Use of keys ──────────────────────────────────────────────────────────────────────────────────────────────────
-- Apart from the key's row: a use must not move its revision.

CREATE TABLE key_use (
  account_id uuid NOT NULL,
  key_id     uuid NOT NULL,
  day        date NOT NULL,
  operation  text NOT NULL,
  calls      bigint NOT NULL DEFAULT 0,
  refused    bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (account_id, key_id, day, operation),
  FOREIGN KEY (account_id, key_id) REFERENCES key (account_id, id) ON DELETE CASCADE
);
CREATE INDEX key_use_by_day ON key_use (day);

CREATE TABLE key_activity (
  account_id      uuid NOT NULL,
  key_id          uuid NOT NULL,
  project_id      text NOT NULL,
  is_default      boolean NOT NULL,
  last_used_at    timestamptz(3),
  calls_30_days   bigint NOT NULL DEFAULT 0,
  refused_30_days bigint NOT NULL DEFAULT 0,
  counted_on      date NOT NULL,
  PRIMARY KEY (account_id, key_id),
  FOREIGN KEY (account_id, key_id) REFERENCES key (account_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE key_activity IS 'One row for each key, made with it: what the list shows and sorts by without adding up key_use';
COMMENT ON COLUMN key_activity.project_id IS 'The key''s, which never changes: the list walks an index by last use within a project';
COMMENT ON COLUMN key_activity.counted_on IS 'The day (UTC) whose 30 days the sums cover; each day the sums of keys in use are added up anew';
CREATE INDEX key_activity_by_last_use ON key_activity (account_id, project_id, is_default, last_used_at NULLS FIRST, key_id);
CREATE INDEX key_activity_by_calls ON key_activity (account_id, project_id, is_default, calls_30_days, key_id);
CREATE INDEX key_activity_to_count ON key_activity (counted_on) WHERE calls_30_days > 0 OR refused_30_days > 0;

INSERT INTO key_activity (account_id, key_id, project_id, is_default, counted_on)
  SELECT account_id, id, project_id, is_default, (created_at AT TIME ZONE 'UTC')::date FROM key;

CREATE FUNCTION keystead_begin_key_activity() RETURNS trigger LANGUAGE plpgsql
  AS $$
  BEGIN
    INSERT INTO key_activity (account_id, key_id, project_id, is_default, counted_on)
      SELECT account_id, id, project_id, is_default, (created_at AT TIME ZONE 'UTC')::date FROM added;
    RETURN NULL;
  END
  $$;
CREATE TRIGGER key_activity AFTER INSERT ON key REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION keystead_begin_key_activity();

CREATE TABLE refused_call (
  account_id     uuid NOT NULL,
  key_id         uuid NOT NULL,
  actor_id       text NOT NULL,
  actor_name     text NOT NULL,
  operation      text NOT NULL,
  code           text NOT NULL,
  calls          bigint NOT NULL DEFAULT 1,
  source_address text,
  first_at       timestamptz(3) NOT NULL,
  last_at        timestamptz(3) NOT NULL,
  PRIMARY KEY (account_id, key_id, actor_id, operation, code),
  FOREIGN KEY (account_id, key_id) REFERENCES key (account_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE refused_call IS 'Who calls a key and is refused, because it is Disabled or pending deletion or for another reason: shown before it is deleted';
CREATE INDEX refused_call_by_age ON refused_call (last_at);

-- ── Row-level security and rights ────────────────────────────────────────────────────────────────────────────────

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['key_rotation', 'import_request', 'key_alias', 'access_token', 'signed_write', 'key_use',
    'key_activity', 'refused_call'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY own_account ON %I USING (account_id = keystead_account() OR keystead_system())', t);
  END LOOP;
END $$;

ALTER TABLE key_grant ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_account ON key_grant USING (account_id = keystead_account() OR keystead_system());
CREATE POLICY granted_to_account ON key_grant FOR SELECT USING (grantee_account_id = keystead_account());

GRANT SELECT, INSERT, UPDATE, DELETE ON key_rotation, import_request, key_alias, key_grant, access_token, signed_write,
  key_use, key_activity, refused_call TO keystead_app;
