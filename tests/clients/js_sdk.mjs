// matrix-js-sdk, the library of Element Web, driven by a test.

import { webcrypto } from "node:crypto";

// first, because it turns the log of the SDK away from standard output
import { serve } from "./lines.mjs";

import * as sdk from "matrix-js-sdk";

const { ClientEvent, EventType, MsgType, RelationType } = sdk;
const ENCRYPTION = { algorithm: "m.megolm.v1.aes-sha2" };

// Node 18 has it only as a module
globalThis.crypto ??= webcrypto;

let client;

/// What `check` finds, as soon as it finds something: it looks again after every answer of a sync.
function seen(check) {
    return new Promise((resolve) => {
        const look = () => {
            const found = check();
            if (found) {
                client.off(ClientEvent.Sync, look);
                resolve(found);
            }
        };
        client.on(ClientEvent.Sync, look);
        look();
    });
}

function seenEvent(room, event, check) {
    return seen(() => {
        const found = client.getRoom(room)?.findEventById(event);
        return found && check(found);
    });
}

/// Does a request for which the homeserver may ask for the password again (user-interactive authentication), and says
/// whether it did.
async function authenticated({ user, password }, request) {
    try {
        await request(null);
        return { asked: false };
    } catch (error) {
        if (error.httpStatus !== 401) {
            throw error;
        }
        const identifier = { type: "m.id.user", user };
        await request({ type: "m.login.password", identifier, password, session: error.data.session });
        return { asked: true };
    }
}

/// A way around the SDK, for what it does not show: the error code of a refused request.
async function whoami(url, token) {
    const answer = await fetch(`${url}/_matrix/client/v3/account/whoami`, {
        headers: { Authorization: `Bearer ${token}` },
    });
    return (await answer.json()).errcode;
}

await serve(
    {
        async login({ url, user, password, token, device_name: deviceName }) {
            const { flows } = await sdk.createClient({ baseUrl: url }).loginFlows();
            const login = await sdk.createClient({ baseUrl: url }).loginRequest({
                ...(token
                    ? { type: "m.login.token", token }
                    : { type: "m.login.password", identifier: { type: "m.id.user", user }, password }),
                initial_device_display_name: deviceName,
            });
            client = sdk.createClient({
                baseUrl: url,
                userId: login.user_id,
                deviceId: login.device_id,
                accessToken: login.access_token,
            });
            return {
                user_id: login.user_id,
                device_id: login.device_id,
                flows: flows.map((flow) => flow.type),
            };
        },

        async start() {
            // Element makes keys for its device even where no room is encrypted
            await client.initRustCrypto({ useIndexedDB: false });
            await client.startClient({ initialSyncLimit: 30 });
            await seen(() => client.isInitialSyncComplete());
        },

        async room({ name }) {
            const room = await seen(() =>
                client.getRooms().find((room) => room.name === name && room.getMyMembership() === "join"),
            );
            return { room_id: room.roomId };
        },

        async send({ room, body }) {
            return client.sendTextMessage(room, body);
        },

        async edit({ room, event, body }) {
            return client.sendMessage(room, {
                msgtype: MsgType.Text,
                body: `* ${body}`,
                "m.new_content": { msgtype: MsgType.Text, body },
                "m.relates_to": { rel_type: RelationType.Replace, event_id: event },
            });
        },

        async react({ room, event, emoji }) {
            return client.sendEvent(room, EventType.Reaction, {
                "m.relates_to": { rel_type: RelationType.Annotation, event_id: event, key: emoji },
            });
        },

        async redact({ room, event }) {
            return client.redactEvent(room, event);
        },

        async upload({ room, name, type, content }) {
            const bytes = Buffer.from(content);
            const { content_uri: url } = await client.uploadContent(new Blob([bytes], { type }), { name, type });
            const { event_id } = await client.sendMessage(room, {
                msgtype: MsgType.File,
                body: name,
                filename: name,
                url,
                info: { mimetype: type, size: bytes.length },
            });
            return { event_id };
        },

        async download({ room, event }) {
            const url = await seenEvent(room, event, (found) => found.getContent().url);
            const http = client.mxcUrlToHttp(url, undefined, undefined, undefined, false, true, true);
            const answer = await fetch(http, { headers: { Authorization: `Bearer ${client.getAccessToken()}` } });
            if (!answer.ok) {
                throw new Error(`${http}: ${answer.status} ${await answer.text()}`);
            }
            return { type: answer.headers.get("content-type"), content: await answer.text() };
        },

        async read({ room, event }) {
            const found = await seenEvent(room, event, (found) => found);
            await client.setRoomReadMarkers(room, event, found);
        },

        async type({ room, typing }) {
            await client.sendTyping(room, typing, 20_000);
        },

        async find({ term }) {
            const { results } = await client.searchUserDirectory({ term });
            return { people: results.map((person) => ({ user_id: person.user_id, name: person.display_name })) };
        },

        async direct({ user }) {
            const { room_id: room } = await client.createRoom({
                preset: sdk.Preset.TrustedPrivateChat,
                visibility: sdk.Visibility.Private,
                is_direct: true,
                invite: [user],
                // Element X and FluffyChat want it wherever they can
                initial_state: [{ type: EventType.RoomEncryption, state_key: "", content: ENCRYPTION }],
            });
            const direct = { ...client.getAccountData(EventType.Direct)?.getContent() };
            direct[user] = [...(direct[user] ?? []), room];
            await client.setAccountData(EventType.Direct, direct);
            return { room_id: room };
        },

        async encrypt({ room }) {
            try {
                await client.sendStateEvent(room, EventType.RoomEncryption, ENCRYPTION);
                return { errcode: null };
            } catch (error) {
                return { errcode: error.errcode };
            }
        },

        async cross_sign(login) {
            let answer;
            await client.getCrypto().bootstrapCrossSigning({
                setupNewCrossSigning: true,
                authUploadDeviceSigningKeys: async (request) => {
                    answer = await authenticated(login, request);
                },
            });
            return answer;
        },

        async delete_device({ device, ...login }) {
            return authenticated(login, (auth) => client.deleteDevice(device, auth ?? undefined));
        },

        async devices() {
            const { devices } = await client.getDevices();
            return { devices: devices.map((device) => ({ id: device.device_id, name: device.display_name })) };
        },

        async leave({ room }) {
            await client.leave(room);
            await seen(() => client.getRoom(room)?.getMyMembership() === "leave");
        },

        async logout() {
            const [url, token] = [client.getHomeserverUrl(), client.getAccessToken()];
            await client.logout(true);
            return { afterwards: await whoami(url, token) };
        },

        async see_message({ room, body }) {
            const event = await seen(() =>
                client
                    .getRoom(room)
                    ?.getLiveTimeline()
                    .getEvents()
                    .find((event) => event.getType() === EventType.RoomMessage && event.getContent().body === body),
            );
            const { msgtype } = event.getContent();
            return { event_id: event.getId(), sender: event.getSender(), sender_name: event.sender.name, msgtype };
        },

        async see_direct({ room, user }) {
            await seen(() => client.getAccountData(EventType.Direct)?.getContent()[user]?.includes(room));
        },

        async see_edit({ room, event, body }) {
            await seenEvent(room, event, (found) => found.replacingEvent() && found.getContent().body === body);
        },

        async see_reaction({ room, event, emoji }) {
            await seen(() =>
                client
                    .getRoom(room)
                    ?.relations.getChildEventsForEvent(event, RelationType.Annotation, EventType.Reaction)
                    ?.getSortedAnnotationsByKey()
                    ?.some(([key, events]) => key === emoji && events.size > 0),
            );
        },

        async see_redaction({ room, event }) {
            await seenEvent(room, event, (found) => found.isRedacted());
        },

        async see_typing({ room, user }) {
            await seen(() => client.getRoom(room)?.getMember(user)?.typing);
        },
    },
    async () => client?.stopClient(),
);
