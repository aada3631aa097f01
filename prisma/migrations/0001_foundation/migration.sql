-- The foundation: who (accounts, users, sessions), where (regions, projects), what (keys, material), what happened
-- (changes, audit, tombstones) and how every instance learns of it (invalidations).
-- Applied by the owner of the database in one transaction. The application works as the role keystead_app, which owns
-- nothing, cannot bypass row-level security, and may not rewrite the audit chain.

-- ── Who is asking ────────────────────────────────────────────────────────────────────────────────────────────────
-- Both settings last for one transaction. Neither set: every policy below is false and no row is visible.

CREATE FUNCTION keystead_account() RETURNS uuid LANGUAGE sql STABLE
  AS $$ SELECT nullif(current_setting('keystead.account', true), '')::uuid $$;

CREATE FUNCTION keystead_system() RETURNS boolean LANGUAGE sql STABLE
  AS $$ SELECT coalesce(current_setting('keystead.system', true), '') IN ('sign-in', 'access-key', 'jobs', 'administration') $$;

-- ── Installation and accounts ────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE installation (
  id                      smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
  root_key_id             bytea NOT NULL,
  auth_secret_sealed      bytea NOT NULL,
  set_up_token_hash       bytea,
  set_up_token_expires_at timestamptz(3),
  created_at              timestamptz(3) NOT NULL DEFAULT now()
);
COMMENT ON COLUMN installation.root_key_id IS 'HMAC-SHA-256(root key, "id"): tells whether a root key is the one that sealed this database, without revealing it';
COMMENT ON COLUMN installation.auth_secret_sealed IS 'Secret of the session cookies, sealed under the root key';
COMMENT ON COLUMN installation.set_up_token_hash IS 'SHA-256 of the one-time set-up token; replaced by each start while no administrator exists';

CREATE TABLE account (
  id              uuid PRIMARY KEY,
  domain_id       text NOT NULL UNIQUE CHECK (domain_id ~ '^[0-9a-f]{32}$'),
  name            text NOT NULL,
  sealed_key      bytea NOT NULL,
  data_events     boolean NOT NULL DEFAULT true,
  created_at      timestamptz(3) NOT NULL DEFAULT now()
);
COMMENT ON COLUMN account.sealed_key IS 'The account key, sealed under the root key; it seals every material version of the account';
COMMENT ON COLUMN account.data_events IS 'Whether uses of keys are recorded in the audit chain, not only their management';

CREATE TABLE region (
  account_id uuid NOT NULL REFERENCES account (id),
  id         text NOT NULL CHECK (id ~ '^[a-z0-9-]{1,64}$'),
  name       text NOT NULL,
  position   integer NOT NULL,
  PRIMARY KEY (account_id, id)
);

CREATE TABLE project (
  account_id uuid NOT NULL,
  id         text NOT NULL UNIQUE CHECK (id ~ '^[0-9a-f]{32}$'),
  region_id  text NOT NULL,
  name       text NOT NULL,
  is_default boolean NOT NULL DEFAULT false,
  key_quota  integer NOT NULL DEFAULT 100 CHECK (key_quota >= 0),
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (account_id, id),
  FOREIGN KEY (account_id, region_id) REFERENCES region (account_id, id),
  UNIQUE (account_id, region_id, name)
);
COMMENT ON COLUMN project.key_quota IS 'Most custom keys in the project: default keys are not counted, replicas are';

CREATE TABLE enterprise_project (
  account_id  uuid NOT NULL REFERENCES account (id),
  id          text NOT NULL,
  name        text NOT NULL,
  created_at  timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (account_id, id),
  UNIQUE (account_id, name)
);
COMMENT ON COLUMN enterprise_project.id IS '"0" is the default enterprise project; every other one is a UUID';

-- ── Users, sessions, rights ──────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE iam_user (
  id                 uuid PRIMARY KEY,
  account_id         uuid NOT NULL REFERENCES account (id),
  name               text NOT NULL,
  email              text NOT NULL UNIQUE CHECK (email = lower(email)),
  email_verified     boolean NOT NULL DEFAULT false,
  image              text,
  status             text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended')),
  two_factor_enabled boolean NOT NULL DEFAULT false,
  created_at         timestamptz(3) NOT NULL DEFAULT now(),
  updated_at         timestamptz(3) NOT NULL DEFAULT now(),
  UNIQUE (account_id, id)
);
CREATE INDEX iam_user_by_account ON iam_user (account_id, email);

CREATE TABLE iam_session (
  id         uuid PRIMARY KEY,
  user_id    uuid NOT NULL REFERENCES iam_user (id) ON DELETE CASCADE,
  token      text NOT NULL UNIQUE,
  expires_at timestamptz(3) NOT NULL,
  ip_address text,
  user_agent text,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_at timestamptz(3) NOT NULL DEFAULT now()
);
COMMENT ON COLUMN iam_session.token IS 'SHA-256 of the session token: a dump of this table opens no session';
CREATE INDEX iam_session_by_user ON iam_session (user_id);
CREATE INDEX iam_session_by_expiry ON iam_session (expires_at);

CREATE TABLE iam_credential (
  id                       uuid PRIMARY KEY,
  user_id                  uuid NOT NULL REFERENCES iam_user (id) ON DELETE CASCADE,
  provider_id              text NOT NULL,
  provider_account_id      text NOT NULL,
  password                 text,
  access_token             text,
  refresh_token            text,
  id_token                 text,
  access_token_expires_at  timestamptz(3),
  refresh_token_expires_at timestamptz(3),
  scope                    text,
  created_at               timestamptz(3) NOT NULL DEFAULT now(),
  updated_at               timestamptz(3) NOT NULL DEFAULT now(),
  UNIQUE (provider_id, provider_account_id)
);
COMMENT ON COLUMN iam_credential.password IS 'scrypt hash with its salt';
CREATE INDEX iam_credential_by_user ON iam_credential (user_id);

CREATE TABLE iam_verification (
  id         uuid PRIMARY KEY,
  identifier text NOT NULL,
  value      text NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_at timestamptz(3) NOT NULL DEFAULT now()
);
CREATE INDEX iam_verification_by_identifier ON iam_verification (identifier);

CREATE TABLE iam_link (
  id         uuid PRIMARY KEY,
  account_id uuid NOT NULL,
  user_id    uuid NOT NULL,
  token_hash bytea NOT NULL UNIQUE,
  expires_at timestamptz(3) NOT NULL,
  used_at    timestamptz(3),
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  FOREIGN KEY (account_id, user_id) REFERENCES iam_user (account_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE iam_link IS 'One-time links with which a user sets a password; a new link ends the older ones';
CREATE INDEX iam_link_by_user ON iam_link (account_id, user_id);

CREATE TABLE role_assignment (
  account_id uuid NOT NULL,
  id         uuid NOT NULL,
  user_id    uuid NOT NULL,
  role       text NOT NULL CHECK (role IN ('KMS Administrator', 'KMS CMKFullAccess', 'KMS CMKReadOnlyAccess')),
  project_id text,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (account_id, id),
  FOREIGN KEY (account_id, user_id) REFERENCES iam_user (account_id, id) ON DELETE CASCADE,
  FOREIGN KEY (account_id, project_id) REFERENCES project (account_id, id),
  UNIQUE NULLS NOT DISTINCT (account_id, user_id, role, project_id)
);
COMMENT ON COLUMN role_assignment.project_id IS 'The project in which the role holds; NULL: all projects of the account';

CREATE TABLE access_key (
  account_id    uuid NOT NULL,
  id            text NOT NULL UNIQUE,
  user_id       uuid NOT NULL,
  sealed_secret bytea NOT NULL,
  status        text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'inactive')),
  created_at    timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (account_id, id),
  FOREIGN KEY (account_id, user_id) REFERENCES iam_user (account_id, id) ON DELETE CASCADE
);
COMMENT ON COLUMN access_key.sealed_secret IS 'The secret access key sealed under the root key: signatures need it in the clear, so it cannot be hashed';
CREATE INDEX access_key_by_user ON access_key (account_id, user_id);

CREATE TABLE sign_in_throttle (
  subject       text PRIMARY KEY,
  failures      integer NOT NULL DEFAULT 0,
  window_start  timestamptz(3) NOT NULL DEFAULT now(),
  blocked_until timestamptz(3),
  refused       integer NOT NULL DEFAULT 0,
  updated_at    timestamptz(3) NOT NULL DEFAULT now()
);
COMMENT ON COLUMN sign_in_throttle.failures IS 'Attempts that have not succeeded (yet): counted before the password is looked at, so that parallel ones count';
COMMENT ON COLUMN sign_in_throttle.refused IS 'Attempts turned away unlooked at since the last event that told of them';
COMMENT ON COLUMN sign_in_throttle.subject IS '"email:" or "address:" and a SHA-256: what was typed as an email may be a password';

-- ── Keys ─────────────────────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE material_set (
  account_id uuid NOT NULL REFERENCES account (id),
  id         uuid NOT NULL,
  spec       text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (account_id, id)
);
COMMENT ON TABLE material_set IS 'What a primary key and its replicas share. Ciphertexts name the set, not the key; it dies with its last key';

CREATE TABLE material_version (
  account_id  uuid NOT NULL,
  set_id      uuid NOT NULL,
  version     integer NOT NULL CHECK (version >= 1),
  sealed      bytea NOT NULL,
  public_key  bytea,
  fingerprint bytea NOT NULL,
  created_at  timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (account_id, set_id, version),
  FOREIGN KEY (account_id, set_id) REFERENCES material_set (account_id, id)
);
COMMENT ON COLUMN material_version.sealed IS 'AES-256-GCM under the account key; associated data: account, set, version, spec';
COMMENT ON COLUMN material_version.public_key IS 'SubjectPublicKeyInfo (DER) of asymmetric material';
COMMENT ON COLUMN material_version.fingerprint IS 'HMAC under the account key: recognises identical material on a re-import without keeping it';

CREATE TABLE key (
  account_id            uuid NOT NULL,
  id                    uuid NOT NULL,
  project_id            text NOT NULL,
  enterprise_project_id text NOT NULL DEFAULT '0',
  name                  text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 255),
  description           text NOT NULL DEFAULT '' CHECK (char_length(description) <= 255),
  state                 text NOT NULL CHECK (state IN ('2', '3', '4', '5')),
  spec                  text NOT NULL,
  usage                 text NOT NULL CHECK (usage IN ('ENCRYPT_DECRYPT', 'SIGN_VERIFY', 'GENERATE_VERIFY_MAC')),
  origin                text NOT NULL CHECK (origin IN ('kms', 'external')),
  is_default            boolean NOT NULL DEFAULT false,
  material_set_id       uuid NOT NULL,
  primary_key_id        uuid,
  revision              integer NOT NULL DEFAULT 1,
  created_by            uuid,
  created_at            timestamptz(3) NOT NULL,
  state_changed_at      timestamptz(3) NOT NULL,
  deletion_at           timestamptz(3),
  name_released         boolean NOT NULL DEFAULT false,
  material_expires_at   timestamptz(3),
  PRIMARY KEY (account_id, id),
  FOREIGN KEY (account_id, project_id) REFERENCES project (account_id, id),
  FOREIGN KEY (account_id, enterprise_project_id) REFERENCES enterprise_project (account_id, id),
  FOREIGN KEY (account_id, material_set_id) REFERENCES material_set (account_id, id),
  FOREIGN KEY (account_id, primary_key_id) REFERENCES key (account_id, id),
  CHECK ((state = '4') = (deletion_at IS NOT NULL)),
  CHECK (NOT is_default OR (state = '2' AND origin = 'kms'))
);
COMMENT ON COLUMN key.state IS '2 Enabled, 3 Disabled, 4 Pending deletion, 5 Pending import: the codes of the API';
COMMENT ON COLUMN key.primary_key_id IS 'Set on a replica: the primary whose material set it shares';
COMMENT ON COLUMN key.revision IS 'Counts management changes only, so that a reviewed change can tell whether the key moved since';
COMMENT ON COLUMN key.deletion_at IS 'From this moment of the database clock the key does not exist for anyone, even before its material is destroyed';
COMMENT ON COLUMN key.name_released IS 'A due key whose name was taken by a new one before it was destroyed; it no longer holds the name';
COMMENT ON COLUMN key.material_expires_at IS 'Imported material is unusable from this moment';

CREATE UNIQUE INDEX key_name ON key (account_id, project_id, name) WHERE NOT name_released;
-- One index per column the list sorts by; the id makes the order total, so pages never overlap.
CREATE INDEX key_by_created ON key (account_id, project_id, is_default, created_at, id);
CREATE INDEX key_by_name ON key (account_id, project_id, is_default, lower(name) COLLATE "C", id);
-- The moment of deletion is in it so that keys are counted, per state or in all, without reading them.
CREATE INDEX key_by_state ON key (account_id, project_id, is_default, state, id, deletion_at);
CREATE INDEX key_by_spec ON key (account_id, project_id, is_default, spec, usage, id);
CREATE INDEX key_by_origin ON key (account_id, project_id, is_default, origin, id);
CREATE INDEX key_by_enterprise_project ON key (account_id, project_id, is_default, enterprise_project_id, id);
CREATE INDEX key_by_deletion ON key (deletion_at) WHERE state = '4';
CREATE INDEX key_by_material_expiry ON key (material_expires_at) WHERE material_expires_at IS NOT NULL;
CREATE INDEX key_by_material_set ON key (account_id, material_set_id);
CREATE INDEX key_by_primary ON key (account_id, primary_key_id) WHERE primary_key_id IS NOT NULL;
CREATE INDEX key_name_substring ON key USING gin (lower(name) gin_trgm_ops);
CREATE INDEX key_id_substring ON key USING gin ((id::text) gin_trgm_ops);

CREATE TABLE key_tag (
  account_id uuid NOT NULL,
  key_id     uuid NOT NULL,
  key        text NOT NULL CHECK (char_length(key) BETWEEN 1 AND 128),
  value      text NOT NULL DEFAULT '' CHECK (char_length(value) <= 255),
  PRIMARY KEY (account_id, key_id, key),
  FOREIGN KEY (account_id, key_id) REFERENCES key (account_id, id) ON DELETE CASCADE
);
CREATE INDEX key_tag_by_key ON key_tag (account_id, key, value, key_id);

CREATE TABLE create_request (
  account_id      uuid NOT NULL REFERENCES account (id),
  idempotency_key uuid NOT NULL,
  actor_id        uuid NOT NULL,
  input_hash      bytea NOT NULL,
  key_id          uuid NOT NULL,
  created_at      timestamptz(3) NOT NULL,
  PRIMARY KEY (account_id, idempotency_key)
);
COMMENT ON TABLE create_request IS 'Makes a repeated press of OK harmless: the same input returns the same key, other input is refused';
CREATE INDEX create_request_by_age ON create_request (created_at);

CREATE TABLE tombstone (
  account_id   uuid NOT NULL REFERENCES account (id),
  key_id       uuid NOT NULL,
  project_id   text NOT NULL,
  name         text NOT NULL,
  spec         text NOT NULL,
  usage        text NOT NULL,
  origin       text NOT NULL,
  created_at   timestamptz(3) NOT NULL,
  deletion_at  timestamptz(3) NOT NULL,
  destroyed_at timestamptz(3) NOT NULL,
  PRIMARY KEY (account_id, key_id)
);
COMMENT ON TABLE tombstone IS 'What remains of a destroyed key: no material, no fingerprint';

-- Substring search. Row-level security forbids an index on an operator that is not leakproof, and LIKE is not; the
-- owner is not subject to the policies, so this function may use the trigram indexes, and applies the account itself.
-- It stops after most + 1 ids: then the pattern is common and the list finds its page faster by walking the sort index.
CREATE FUNCTION keystead_keys_like(project text, default_keys boolean, name_pattern text, id_pattern text, most integer)
  RETURNS TABLE (id uuid) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
  AS $$
    SELECT k.id FROM key k
    WHERE k.account_id = keystead_account() AND k.project_id = project AND k.is_default = default_keys
      AND (lower(k.name) LIKE lower(name_pattern) OR k.id::text LIKE lower(id_pattern))
    LIMIT most + 1
  $$;

-- ── Changes: plan, show, apply ───────────────────────────────────────────────────────────────────────────────────

CREATE TABLE change (
  account_id   uuid NOT NULL REFERENCES account (id),
  id           uuid NOT NULL,
  project_id   text NOT NULL,
  operation    text NOT NULL CHECK (operation IN ('enable', 'disable', 'scheduleDeletion', 'cancelDeletion')),
  pending_days integer CHECK (pending_days BETWEEN 7 AND 1096),
  deletion_at  timestamptz(3),
  status       text NOT NULL DEFAULT 'planned' CHECK (status IN ('planned', 'applying', 'confirming', 'done', 'stopped')),
  author_id    uuid NOT NULL,
  author_name  text NOT NULL,
  selection    jsonb NOT NULL,
  total        integer NOT NULL,
  parent_id    uuid,
  undo_of      uuid,
  request_id   text NOT NULL,
  source_address text,
  planned_at   timestamptz(3) NOT NULL,
  expires_at   timestamptz(3) NOT NULL,
  applied_at   timestamptz(3),
  finished_at  timestamptz(3),
  owner_id     uuid,
  lease_until  timestamptz(3),
  stop_requested boolean NOT NULL DEFAULT false,
  PRIMARY KEY (account_id, id),
  FOREIGN KEY (account_id, project_id) REFERENCES project (account_id, id)
);
COMMENT ON COLUMN change.deletion_at IS 'Computed once, when the change is applied, so that every key of one change is deleted at the same moment';
COMMENT ON COLUMN change.selection IS 'What the author chose: {"ids": n} or {"filter": …}; the items are what was frozen from it';
COMMENT ON COLUMN change.parent_id IS 'The change whose failed items this one tries again';
COMMENT ON COLUMN change.undo_of IS 'The change whose inverse this one is';
COMMENT ON COLUMN change.owner_id IS 'The process that works on it; another may take over after lease_until';
CREATE INDEX change_to_run ON change (lease_until) WHERE status IN ('applying', 'confirming');
CREATE INDEX change_by_author ON change (account_id, author_id, planned_at);

CREATE TABLE change_item (
  account_id uuid NOT NULL,
  change_id  uuid NOT NULL,
  ordinal    integer NOT NULL,
  key_id     text NOT NULL,
  key_name   text,
  key_spec   text,
  revision   integer,
  state      text,
  next_state text,
  warnings   text[] NOT NULL DEFAULT '{}',
  outcome    text NOT NULL DEFAULT 'pending' CHECK (outcome IN ('pending', 'done', 'failed', 'skipped', 'changed')),
  reason     text,
  request_id text,
  event_seq  bigint,
  applied_revision integer,
  PRIMARY KEY (account_id, change_id, ordinal),
  UNIQUE (account_id, key_id, change_id),
  FOREIGN KEY (account_id, change_id) REFERENCES change (account_id, id) ON DELETE CASCADE
);
COMMENT ON COLUMN change_item.key_id IS 'As it was asked for: an unknown id and another account''s id are the same item, "not found"';
COMMENT ON COLUMN change_item.reason IS 'Code of why the item was skipped or failed; the words are chosen on the screen';
COMMENT ON COLUMN change_item.applied_revision IS 'The key''s revision after this change: undo only touches keys that have not moved since';
CREATE INDEX change_item_pending ON change_item (account_id, change_id, ordinal) WHERE outcome = 'pending';

-- ── Audit ────────────────────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE audit_chain (
  id         uuid PRIMARY KEY,
  account_id uuid UNIQUE REFERENCES account (id),
  sealed_key bytea NOT NULL,
  head_seq   bigint NOT NULL DEFAULT 0,
  last_mac   bytea NOT NULL,
  head_mac   bytea NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  UNIQUE (id, account_id)
);
COMMENT ON COLUMN audit_chain.account_id IS 'NULL: the chain of the installation (set-up, sign-in of unknown users)';
COMMENT ON COLUMN audit_chain.sealed_key IS 'The audit key of the chain, sealed under the root key: who can only write the database cannot forge a link';
COMMENT ON COLUMN audit_chain.last_mac IS 'MAC of the newest event; 32 zero bytes before the first';
COMMENT ON COLUMN audit_chain.head_mac IS 'Authenticates head_seq and last_mac together, so that events cannot be cut off at the end by moving the head back';
CREATE UNIQUE INDEX audit_chain_of_installation ON audit_chain ((account_id IS NULL)) WHERE account_id IS NULL;

CREATE TABLE audit_event (
  chain_id       uuid NOT NULL REFERENCES audit_chain (id),
  seq            bigint NOT NULL,
  account_id     uuid,
  at             timestamptz(3) NOT NULL,
  action         text NOT NULL,
  outcome        text NOT NULL CHECK (outcome IN ('done', 'refused')),
  actor_id       text,
  resource_id    text,
  project_id     text,
  request_id     text,
  body           bytea NOT NULL,
  mac            bytea NOT NULL,
  PRIMARY KEY (chain_id, seq),
  -- No account puts an event into another one's chain, which would stop that chain at its next event.
  FOREIGN KEY (chain_id, account_id) REFERENCES audit_chain (id, account_id)
);
COMMENT ON COLUMN audit_event.body IS 'The exact bytes that were authenticated: canonical JSON with sequence, time and previous MAC; the other columns repeat it for searching';
CREATE INDEX audit_event_by_time ON audit_event (account_id, at);
CREATE INDEX audit_event_by_resource ON audit_event (account_id, resource_id, seq);

CREATE TABLE audit_refusal (
  account_id uuid NOT NULL REFERENCES account (id),
  actor_id   text NOT NULL,
  minute     timestamptz(3) NOT NULL,
  attempts   integer NOT NULL,
  PRIMARY KEY (account_id, actor_id, minute)
);
COMMENT ON TABLE audit_refusal IS 'Refused attempts of an actor in one minute; beyond the first few they become one counted event when the minute is over';

-- ── No means no: every instance learns of a change ───────────────────────────────────────────────────────────────

CREATE TABLE instance (
  id            uuid PRIMARY KEY,
  kind          text NOT NULL CHECK (kind IN ('console', 'endpoint')),
  registered_at timestamptz(3) NOT NULL DEFAULT now(),
  renewed_at    timestamptz(3) NOT NULL DEFAULT now(),
  fenced_at     timestamptz(3)
);
COMMENT ON TABLE instance IS 'Processes that may cache; a row is inserted before anything is cached';

CREATE TABLE invalidation (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id   uuid NOT NULL,
  subject_kind text NOT NULL CHECK (subject_kind IN ('key', 'material', 'alias', 'grant', 'policy', 'user', 'access-key', 'token', 'project')),
  subject_id   text NOT NULL,
  opened_at    timestamptz(3) NOT NULL DEFAULT now(),
  closed_at    timestamptz(3)
);
COMMENT ON COLUMN invalidation.closed_at IS 'NULL while an instance may still hold the subject; instances obey every open row, whoever crashed meanwhile';
CREATE INDEX invalidation_open ON invalidation (id) WHERE closed_at IS NULL;
CREATE INDEX invalidation_open_by_subject ON invalidation (account_id, subject_kind, subject_id) WHERE closed_at IS NULL;
CREATE INDEX invalidation_by_closing ON invalidation (closed_at) WHERE closed_at IS NOT NULL;

CREATE TABLE invalidation_acknowledgement (
  invalidation_id bigint NOT NULL REFERENCES invalidation (id) ON DELETE CASCADE,
  instance_id     uuid NOT NULL REFERENCES instance (id) ON DELETE CASCADE,
  PRIMARY KEY (invalidation_id, instance_id)
);

-- ── Beginning a transaction ──────────────────────────────────────────────────────────────────────────────────────
-- One round trip: names the account for row-level security, reads the clock, and reads the user's rights as they are
-- now. A writer locks the user's row, so that rights withdrawn meanwhile wait for it or are seen by it.

CREATE FUNCTION keystead_begin(account uuid, actor uuid, for_write boolean)
  RETURNS TABLE (started_at timestamptz, status text, assignments jsonb) LANGUAGE plpgsql
  AS $$
  BEGIN
    PERFORM set_config('keystead.account', account::text, true);
    IF for_write THEN
      PERFORM 1 FROM iam_user u WHERE u.account_id = account AND u.id = actor FOR SHARE;
    END IF;
    RETURN QUERY SELECT
      date_trunc('milliseconds', clock_timestamp()),
      (SELECT u.status FROM iam_user u WHERE u.account_id = account AND u.id = actor),
      (SELECT coalesce(jsonb_agg(jsonb_build_object('role', r.role, 'projectId', r.project_id)), '[]'::jsonb)
         FROM role_assignment r WHERE r.account_id = account AND r.user_id = actor);
  END
  $$;

-- ── Row-level security ───────────────────────────────────────────────────────────────────────────────────────────
-- The functions stand in sub-selects, which are evaluated once per statement and not once per row.

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['region', 'project', 'enterprise_project', 'iam_user', 'iam_link', 'role_assignment', 'access_key',
    'material_set', 'material_version', 'key', 'key_tag', 'create_request', 'tombstone', 'change', 'change_item',
    'audit_chain', 'audit_event', 'audit_refusal', 'invalidation'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY own_account ON %I USING (account_id = (SELECT keystead_account()) OR (SELECT keystead_system()))', t);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['installation', 'iam_session', 'iam_credential', 'iam_verification', 'sign_in_throttle'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY system_only ON %I USING ((SELECT keystead_system()))', t);
  END LOOP;
END $$;

ALTER TABLE account ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_account ON account USING (id = (SELECT keystead_account()) OR (SELECT keystead_system()));

-- Processes belong to no account and hold no secret: whoever changes a key waits for all of them.
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['instance', 'invalidation_acknowledgement'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY shared ON %I USING ((SELECT keystead_account()) IS NOT NULL OR (SELECT keystead_system()))', t);
  END LOOP;
END $$;

GRANT USAGE ON SCHEMA public TO keystead_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO keystead_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO keystead_app;
REVOKE UPDATE, DELETE ON audit_event FROM keystead_app;
REVOKE UPDATE, DELETE ON audit_chain FROM keystead_app;
GRANT UPDATE (head_seq, last_mac, head_mac) ON audit_chain TO keystead_app;
REVOKE UPDATE, DELETE ON tombstone FROM keystead_app;
REVOKE DELETE ON installation, account FROM keystead_app;
REVOKE ALL ON _prisma_migrations FROM keystead_app;
REVOKE ALL ON FUNCTION keystead_keys_like(text, boolean, text, text, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION keystead_keys_like(text, boolean, text, text, integer) TO keystead_app;

-- Destroyed material is vacuumed away at once; PostgreSQL 17 and later let another role than the owner do it.
DO $$
BEGIN
  IF current_setting('server_version_num')::int >= 170000 THEN
    EXECUTE 'GRANT MAINTAIN ON material_version TO keystead_app';
  END IF;
END $$;
