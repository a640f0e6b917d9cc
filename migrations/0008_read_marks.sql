-- Read marks of one hour become one when they are old.

-- By age, as they are merged.
CREATE INDEX read_marks_read_at ON read_marks (read_at);
-- `read_marks` is the time, in milliseconds since 1970, up to which that is done.
INSERT INTO counters (name, value) VALUES ('read_marks', 0);
