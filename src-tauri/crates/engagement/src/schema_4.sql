-- Version 4: risks that somebody accepts for a time, and the categories of images.
-- Every version is kept; the latest of a name counts, and one without JSON says that it was taken away.

CREATE TABLE acceptance (
  version INTEGER PRIMARY KEY,
  name    TEXT NOT NULL,
  json    TEXT,
  reason  TEXT NOT NULL,
  author  TEXT NOT NULL,
  at      TEXT NOT NULL
) STRICT;

CREATE TRIGGER acceptance_is_never_changed BEFORE UPDATE ON acceptance
BEGIN SELECT RAISE (ABORT, 'acceptance is never changed'); END;
CREATE TRIGGER acceptance_is_never_deleted BEFORE DELETE ON acceptance
BEGIN SELECT RAISE (ABORT, 'acceptance is never deleted'); END;

CREATE TABLE category (
  version INTEGER PRIMARY KEY,
  name    TEXT NOT NULL,
  json    TEXT,
  reason  TEXT NOT NULL,
  author  TEXT NOT NULL,
  at      TEXT NOT NULL
) STRICT;

CREATE TRIGGER category_is_never_changed BEFORE UPDATE ON category
BEGIN SELECT RAISE (ABORT, 'category is never changed'); END;
CREATE TRIGGER category_is_never_deleted BEFORE DELETE ON category
BEGIN SELECT RAISE (ABORT, 'category is never deleted'); END;
