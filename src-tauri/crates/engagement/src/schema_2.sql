-- Version 2: what the profile sets for the checks, every version of it; the platform of an image subject.

ALTER TABLE subject ADD COLUMN platform TEXT;

CREATE TABLE settings (
  version INTEGER PRIMARY KEY,
  json    TEXT NOT NULL,
  sha256  TEXT NOT NULL,
  author  TEXT NOT NULL,
  at      TEXT NOT NULL
) STRICT;

CREATE TRIGGER settings_is_never_changed BEFORE UPDATE ON settings
BEGIN SELECT RAISE (ABORT, 'settings is never changed'); END;
CREATE TRIGGER settings_is_never_deleted BEFORE DELETE ON settings
BEGIN SELECT RAISE (ABORT, 'settings is never deleted'); END;
