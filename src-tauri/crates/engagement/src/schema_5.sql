-- Version 5: files that are given beside a Docker host (daemon.json, unit files), as a JSON list of paths.

ALTER TABLE subject ADD COLUMN files TEXT;
