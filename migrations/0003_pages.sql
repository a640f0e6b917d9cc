-- What the pages show beside the texts.

-- The people a message mentions, a JSON array of their ids; NULL: nobody.
ALTER TABLE messages ADD COLUMN mentions TEXT;
-- What the sender's client called it, so that a repeat is recognised.
ALTER TABLE messages ADD COLUMN client_id TEXT;
CREATE INDEX messages_client ON messages (client_id, sender, room_id) WHERE client_id IS NOT NULL;
-- An urgent notification.
ALTER TABLE messages ADD COLUMN urgent BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE messages SET urgent = TRUE WHERE notification LIKE '%"priority":"urgent"%';
-- Urgent ones are few: the newest of a room is found at once.
CREATE INDEX messages_urgent ON messages (room_id, ordinal) WHERE urgent = TRUE;

-- The read marker as others may know it, which stays where it is while a person reads privately: the message's position,
-- and when.
ALTER TABLE room_people ADD COLUMN shown_position BIGINT;
ALTER TABLE room_people ADD COLUMN shown_at BIGINT;
