-- The engagement file: one audit job, everything in it. Version 1.
-- What was recorded is never changed: triggers refuse UPDATE and DELETE wherever the design says "immutable".

CREATE TABLE meta (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

CREATE TABLE subject (
  id         TEXT PRIMARY KEY,
  position   INTEGER NOT NULL,
  kind       TEXT NOT NULL,
  name       TEXT NOT NULL,
  source     TEXT NOT NULL,
  dockerfile TEXT,
  context    TEXT,
  added_at   TEXT NOT NULL,
  removed_at TEXT
) STRICT;

CREATE TABLE run (
  id           TEXT PRIMARY KEY,
  started      TEXT NOT NULL,
  finished     TEXT,
  state        TEXT NOT NULL,
  tool         TEXT NOT NULL,
  rules_sha256 TEXT NOT NULL
) STRICT;

CREATE TABLE facts (
  run      TEXT NOT NULL REFERENCES run (id),
  subject  TEXT NOT NULL REFERENCES subject (id),
  digest   TEXT,
  json     TEXT NOT NULL,
  sha256   TEXT NOT NULL,
  taken_at TEXT NOT NULL,
  PRIMARY KEY (run, subject)
) STRICT;

CREATE TABLE collect_error (
  run     TEXT NOT NULL REFERENCES run (id),
  subject TEXT NOT NULL REFERENCES subject (id),
  message TEXT NOT NULL,
  PRIMARY KEY (run, subject)
) STRICT;

CREATE TABLE outcome (
  run          TEXT NOT NULL REFERENCES run (id),
  subject      TEXT NOT NULL REFERENCES subject (id),
  check_id     TEXT NOT NULL,
  use_case     TEXT NOT NULL,
  outcome      TEXT NOT NULL,
  summary      TEXT NOT NULL,
  requirements TEXT NOT NULL,
  observations TEXT NOT NULL,
  PRIMARY KEY (run, subject, check_id)
) STRICT;

CREATE TABLE blob (
  sha256 TEXT PRIMARY KEY,
  bytes  BLOB NOT NULL
) STRICT;

CREATE TABLE evidence (
  number     INTEGER PRIMARY KEY,
  sha256     TEXT NOT NULL REFERENCES blob (sha256),
  size       INTEGER NOT NULL,
  media_type TEXT NOT NULL,
  name       TEXT NOT NULL,
  kind       TEXT NOT NULL,
  source     TEXT NOT NULL,
  author     TEXT NOT NULL,
  at         TEXT NOT NULL
) STRICT;

CREATE TABLE evidence_link (
  evidence INTEGER NOT NULL REFERENCES evidence (number),
  subject  TEXT REFERENCES subject (id),
  target   TEXT NOT NULL,
  author   TEXT NOT NULL,
  at       TEXT NOT NULL
) STRICT;

CREATE TABLE decision (
  id              INTEGER PRIMARY KEY,
  subject         TEXT REFERENCES subject (id),
  target          TEXT NOT NULL,
  version         INTEGER NOT NULL,
  conclusion      TEXT NOT NULL,
  rationale       TEXT NOT NULL,
  state           TEXT NOT NULL,
  author          TEXT NOT NULL,
  at              TEXT NOT NULL,
  run             TEXT REFERENCES run (id),
  digest          TEXT,
  outcomes_sha256 TEXT,
  text_sha256     TEXT NOT NULL,
  evidence        TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX decision_version ON decision (ifnull(subject, ''), target, version);

CREATE TABLE report (
  number   INTEGER PRIMARY KEY,
  path     TEXT NOT NULL,
  sha256   TEXT NOT NULL,
  snapshot TEXT NOT NULL,
  signer   TEXT NOT NULL,
  pages    INTEGER NOT NULL,
  at       TEXT NOT NULL
) STRICT;

CREATE TABLE trail (
  seq            INTEGER PRIMARY KEY,
  at             TEXT NOT NULL,
  actor          TEXT NOT NULL,
  act            TEXT NOT NULL,
  object         TEXT NOT NULL,
  payload_sha256 TEXT NOT NULL,
  previous       TEXT NOT NULL,
  hash           TEXT NOT NULL
) STRICT;

CREATE TRIGGER facts_is_never_changed BEFORE UPDATE ON facts
BEGIN SELECT RAISE (ABORT, 'facts is never changed'); END;
CREATE TRIGGER facts_is_never_deleted BEFORE DELETE ON facts
BEGIN SELECT RAISE (ABORT, 'facts is never deleted'); END;

CREATE TRIGGER collect_error_is_never_changed BEFORE UPDATE ON collect_error
BEGIN SELECT RAISE (ABORT, 'collect_error is never changed'); END;
CREATE TRIGGER collect_error_is_never_deleted BEFORE DELETE ON collect_error
BEGIN SELECT RAISE (ABORT, 'collect_error is never deleted'); END;

CREATE TRIGGER outcome_is_never_changed BEFORE UPDATE ON outcome
BEGIN SELECT RAISE (ABORT, 'outcome is never changed'); END;
CREATE TRIGGER outcome_is_never_deleted BEFORE DELETE ON outcome
BEGIN SELECT RAISE (ABORT, 'outcome is never deleted'); END;

CREATE TRIGGER blob_is_never_changed BEFORE UPDATE ON blob
BEGIN SELECT RAISE (ABORT, 'blob is never changed'); END;
CREATE TRIGGER blob_is_never_deleted BEFORE DELETE ON blob
BEGIN SELECT RAISE (ABORT, 'blob is never deleted'); END;

CREATE TRIGGER evidence_is_never_changed BEFORE UPDATE ON evidence
BEGIN SELECT RAISE (ABORT, 'evidence is never changed'); END;
CREATE TRIGGER evidence_is_never_deleted BEFORE DELETE ON evidence
BEGIN SELECT RAISE (ABORT, 'evidence is never deleted'); END;

CREATE TRIGGER evidence_link_is_never_changed BEFORE UPDATE ON evidence_link
BEGIN SELECT RAISE (ABORT, 'evidence_link is never changed'); END;
CREATE TRIGGER evidence_link_is_never_deleted BEFORE DELETE ON evidence_link
BEGIN SELECT RAISE (ABORT, 'evidence_link is never deleted'); END;

CREATE TRIGGER decision_is_never_changed BEFORE UPDATE ON decision
BEGIN SELECT RAISE (ABORT, 'decision is never changed'); END;
CREATE TRIGGER decision_is_never_deleted BEFORE DELETE ON decision
BEGIN SELECT RAISE (ABORT, 'decision is never deleted'); END;

CREATE TRIGGER report_is_never_changed BEFORE UPDATE ON report
BEGIN SELECT RAISE (ABORT, 'report is never changed'); END;
CREATE TRIGGER report_is_never_deleted BEFORE DELETE ON report
BEGIN SELECT RAISE (ABORT, 'report is never deleted'); END;

CREATE TRIGGER trail_is_never_changed BEFORE UPDATE ON trail
BEGIN SELECT RAISE (ABORT, 'trail is never changed'); END;
CREATE TRIGGER trail_is_never_deleted BEFORE DELETE ON trail
BEGIN SELECT RAISE (ABORT, 'trail is never deleted'); END;

CREATE TRIGGER run_ends_once BEFORE UPDATE ON run WHEN OLD.finished IS NOT NULL
BEGIN SELECT RAISE (ABORT, 'a finished run is never changed'); END;
CREATE TRIGGER run_is_never_deleted BEFORE DELETE ON run
BEGIN SELECT RAISE (ABORT, 'run is never deleted'); END;
CREATE TRIGGER subject_is_never_deleted BEFORE DELETE ON subject
BEGIN SELECT RAISE (ABORT, 'subject is never deleted'); END;
