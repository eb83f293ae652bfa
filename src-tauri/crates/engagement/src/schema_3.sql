-- Version 3: how registries are reached, and which Content Trust roots were trusted at the first contact.
-- Every version is kept; the latest of a name counts, and one without JSON says that it was taken away.

CREATE TABLE connection (
  version INTEGER PRIMARY KEY,
  name    TEXT NOT NULL,
  json    TEXT,
  reason  TEXT NOT NULL,
  author  TEXT NOT NULL,
  at      TEXT NOT NULL
) STRICT;

CREATE TABLE pin (
  version INTEGER PRIMARY KEY,
  name    TEXT NOT NULL,
  json    TEXT,
  reason  TEXT NOT NULL,
  author  TEXT NOT NULL,
  at      TEXT NOT NULL
) STRICT;

CREATE TRIGGER connection_is_never_changed BEFORE UPDATE ON connection
BEGIN SELECT RAISE (ABORT, 'connection is never changed'); END;
CREATE TRIGGER connection_is_never_deleted BEFORE DELETE ON connection
BEGIN SELECT RAISE (ABORT, 'connection is never deleted'); END;
CREATE TRIGGER pin_is_never_changed BEFORE UPDATE ON pin
BEGIN SELECT RAISE (ABORT, 'pin is never changed'); END;
CREATE TRIGGER pin_is_never_deleted BEFORE DELETE ON pin
BEGIN SELECT RAISE (ABORT, 'pin is never deleted'); END;
