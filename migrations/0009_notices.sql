-- Who came to a room of its members and who left it, as part of what is shown of it. The first message begins the story:
-- who was there before it came with the room.
CREATE TABLE notices (
    -- in the event log
    position BIGINT PRIMARY KEY,
    room_id TEXT NOT NULL,
    -- the event's, or a name of its own for what the service did itself
    event_id TEXT NOT NULL UNIQUE,
    person_id TEXT NOT NULL,
    -- 'join', 'leave' or 'ban'
    membership TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX notices_of_room ON notices (room_id, position);
