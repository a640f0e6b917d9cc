-- Who read what when first.

-- A row for each time that a person's shown marker moved forward: messages at positions beyond `after`, up to `up_to`, were
-- first read then. Whoever reads privately leaves none.
CREATE TABLE read_marks (
    room_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    up_to BIGINT NOT NULL,
    after BIGINT NOT NULL,
    -- the message at `up_to`
    event_id TEXT NOT NULL,
    read_at BIGINT NOT NULL,
    PRIMARY KEY (room_id, person_id, up_to)
);
-- Of what was read before this table, only the end is known.
INSERT INTO read_marks (room_id, person_id, up_to, after, event_id, read_at)
    SELECT p.room_id, p.person_id, p.shown_position, 0, m.event_id, p.shown_at
    FROM room_people p JOIN messages m ON m.position = p.shown_position
    WHERE p.shown_at IS NOT NULL;
