// Socket.IO clients of the kind that web pages have, several in one process; README.md describes how they are driven.

import { io } from "socket.io-client";

import { serve } from "./lines.mjs";

/// By name: the socket, what it heard and was not asked for yet, who waits for more, and how it is.
const clients = new Map();

function client(name) {
    const found = clients.get(name);
    if (!found) throw new Error(`there is no client ${name}`);
    return found;
}

function listen(name, socket) {
    const it = { socket, heard: [], waiting: null, connects: 0, disconnects: [] };
    clients.set(name, it);
    const hear = (event, data) => {
        it.heard.push({ event, data });
        it.waiting?.();
    };
    socket.onAny((event, ...args) => hear(event, args[0] ?? null));
    socket.on("connect", () => {
        it.connects += 1;
        hear("connect", { id: socket.id });
    });
    socket.on("disconnect", (reason) => {
        it.disconnects.push(reason);
        hear("disconnect", { reason });
    });
    socket.on("connect_error", (error) => hear("connect_error", { message: error.message, data: error.data ?? null }));
    return it;
}

async function next(it) {
    while (it.heard.length === 0) await new Promise((resolve) => (it.waiting = resolve));
    return it.heard.shift();
}

/// The socket of Node.js under a WebSocket.
const wire = (it) => it.socket.io.engine.transport.ws._socket;

/// What a page's hook keeps, with the calls and the order of calls of one: it shows what it receives, newest first.
const hooks = new Map();

function hook(name) {
    return hooks.get(name);
}

const commands = {
    /// Begins to connect; `connect` or `connect_error` is heard next.
    async open({ name, url, auth, options = {} }) {
        listen(name, io(url, { auth, forceNew: true, reconnectionDelay: 100, ...options }));
    },
    /// What it heard next, whenever that comes.
    async next({ name }) {
        return next(client(name));
    },
    /// What it heard and was not asked for yet.
    async heard({ name }) {
        return client(name).heard.splice(0);
    },
    async emit({ name, event, args = [] }) {
        client(name).socket.emit(event, ...args);
    },
    /// Emits bytes in a field.
    async emit_bytes({ name, event, field, data }) {
        client(name).socket.emit(event, { ...data, [field]: Buffer.from("bytes") });
    },
    /// Emits, and waits for the acknowledgement.
    async ask({ name, event, args = [] }) {
        return { answer: await client(name).socket.timeout(20_000).emitWithAck(event, ...args) };
    },
    /// Emits so many times as fast as it goes; `number` counts in `clientId`.
    async flood({ name, event, count, data }) {
        const { socket } = client(name);
        for (let number = 0; number < count; number += 1) {
            socket.emit(event, { ...data, clientId: `${data.clientId ?? "flood"}-${number}` });
        }
    },
    async status({ name }) {
        const { socket, connects, disconnects } = client(name);
        const transport = socket.io.engine?.transport?.name ?? null;
        return { connected: socket.connected, transport, connects, disconnects };
    },
    /// Waits until it uses a WebSocket.
    async upgraded({ name }) {
        const { engine } = client(name).socket.io;
        if (engine.transport.name !== "websocket") await new Promise((resolve) => engine.once("upgrade", resolve));
        return { transport: engine.transport.name };
    },
    /// Takes nothing more from the connection.
    async pause({ name }) {
        wire(client(name)).pause();
    },
    async resume({ name }) {
        wire(client(name)).resume();
    },
    /// The connection breaks.
    async break({ name }) {
        client(name).socket.io.engine.transport.ws.terminate();
    },
    /// What it shows when it connects the next time.
    async auth({ name, auth }) {
        client(name).socket.auth = auth;
    },
    /// Sends a packet of the engine as it stands.
    async raw({ name, text }) {
        client(name).socket.io.engine.transport.ws.send(text);
    },
    async close({ name }) {
        client(name).socket.close();
    },
    /// Connects again, with what it shows now.
    async connect({ name }) {
        client(name).socket.connect();
    },
    /// Another namespace on the same connection.
    async beside({ name, other, namespace, auth }) {
        listen(name, client(other).socket.io.socket(namespace, { auth }));
    },

    // --- a page

    async page({ name, url, token, tenantId }) {
        const page = { isConnected: false, messages: [], changed: null };
        const socket = io(url, { auth: { token, tenantId }, transports: ["websocket", "polling"], forceNew: true });
        const set = (change) => {
            change();
            page.changed?.();
        };
        socket.on("connect", () => set(() => (page.isConnected = true)));
        socket.on("disconnect", () => set(() => (page.isConnected = false)));
        socket.on("message:new", (data) => set(() => page.messages.unshift(data.message)));
        page.socket = socket;
        hooks.set(name, page);
    },
    async page_sends({ name, conversationId, content }) {
        hook(name).socket.emit("message:send", { conversationId, content });
    },
    /// Stops by itself after a while.
    async page_types({ name, conversationId, after }) {
        const page = hook(name);
        page.socket.emit("typing:start", { conversationId });
        clearTimeout(page.typing);
        page.typing = setTimeout(() => page.socket.emit("typing:stop", { conversationId }), after);
    },
    async page_reads({ name, conversationId }) {
        hook(name).socket.emit("messages:read", { conversationId });
    },
    /// Waits until the page is connected and shows so many messages.
    async page_shows({ name, count }) {
        const page = hook(name);
        while (!page.isConnected || page.messages.length < count) {
            await new Promise((resolve) => (page.changed = resolve));
        }
        return { isConnected: page.isConnected, messages: page.messages };
    },
    async page_goes({ name }) {
        hook(name).socket.close();
        return { isConnected: hook(name).isConnected };
    },

    // --- a page of the Messaging API, as its documentation has the hook: what it does, in the order it does it

    async messaging_page({ name, url, token }) {
        const page = { isConnected: false, messages: [], authenticated: null, typing: [], changed: null };
        const getToken = async () => token;
        const set = (change) => {
            change();
            page.changed?.();
        };
        const socket = io(`${url}/messaging`, { auth: { token: await getToken() }, forceNew: true });
        socket.on("authenticated", (data) =>
            set(() => {
                page.isConnected = true;
                page.authenticated = data;
            }),
        );
        socket.on("new_message", (message) => set(() => (page.messages = [...page.messages, message])));
        socket.on("typing_indicator", (data) => set(() => page.typing.push(data)));
        page.socket = socket;
        page.sendMessage = async (conversationId, content) => {
            const response = await fetch(`${url}/api/messaging/conversations/${conversationId}/messages`, {
                method: "POST",
                headers: { Authorization: `Bearer ${await getToken()}`, "Content-Type": "application/json" },
                body: JSON.stringify({ content }),
            });
            return response.json();
        };
        hooks.set(name, page);
    },
    /// The component's effect: joins as soon as there is a socket, connected or not.
    async messaging_page_joins({ name, conversationId }) {
        hook(name).socket.emit("join_conversation", { conversationId });
        // What was emitted before it connected is sent with the connection; this is answered after it.
        return hook(name).socket.timeout(20_000).emitWithAck("join_conversation", { conversationId });
    },
    async messaging_page_types({ name, conversationId, isTyping }) {
        hook(name).socket.emit("typing_indicator", { conversationId, isTyping });
    },
    async messaging_page_sends({ name, conversationId, content }) {
        return hook(name).sendMessage(conversationId, content);
    },
    /// Waits until it is connected and shows so many messages.
    async messaging_page_shows({ name, count }) {
        const page = hook(name);
        while (!page.isConnected || page.messages.length < count) {
            await new Promise((resolve) => (page.changed = resolve));
        }
        const { isConnected, messages, authenticated } = page;
        return { isConnected, messages, authenticated };
    },
    /// The test script of its documentation: connects, and joins when it is told that it is in.
    async messaging_script({ url, token, conversationId }) {
        const socket = io(`${url}/messaging`, { auth: { token }, forceNew: true });
        const data = await new Promise((resolve) => socket.on("authenticated", resolve));
        const joined = new Promise((resolve) => {
            socket.on("conversation_joined", resolve);
            socket.on("error", resolve);
        });
        socket.emit("join_conversation", { conversationId });
        const answer = await joined;
        socket.close();
        return { data, answer };
    },
};

await serve(commands, async () => {
    for (const { socket } of clients.values()) socket.close();
    for (const { socket } of hooks.values()) socket.close();
});
