// The types of the API, generated from openapi.json by `cargo xtask generate`. Do not edit.

export interface paths {
    "/admin/websocket/stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The same as `GET /api/v1/admin/websocket/stats`. */
        get: operations["websocket_stats_at_the_root"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every change that admins made, newest first. */
        get: operations["list_audit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/broadcasts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Broadcasts and how far they have come, newest first. For super admins. */
        get: operations["list_broadcasts"];
        put?: never;
        /**
         * Broadcasts an announcement. For super admins.
         * @description It goes into the general room of every named tenant, from the service's own account, and is shown there as a
         *     notification with the `source_app` `broadcast` and the `event_type` `announcement`. It is stored before it is answered,
         *     and arrives in each room exactly once: soon, or when the homeserver is back.
         */
        post: operations["send_broadcast"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/external-sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Devices of the tenant's people that are signed in, by id. */
        get: operations["admin_list_external_sessions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/external-sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Signs a device out. */
        delete: operations["admin_end_external_session"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/notifications": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Notifications of all satellites, newest first. */
        get: operations["all_notifications"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/notifications/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One notification. */
        get: operations["one_notification"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/notifications/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Withdraws a notification that waits. */
        post: operations["cancel_notification"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/notifications/{id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Delivers a notification now that waits or has failed. */
        post: operations["retry_notification"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/overview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How much there is, how the parts are, and how the service keeps up. */
        get: operations["overview"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/rooms": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Rooms, the most recently active first; an export goes by id. */
        get: operations["admin_list_rooms"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/rooms/{room_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One room with its members. */
        get: operations["admin_get_room"];
        put?: never;
        post?: never;
        /**
         * Archives a room.
         * @description Nobody writes there any more (403), and it leaves everybody's list; open streams get a `gap`. Admins who saw it can
         *     still read it. Notifications to it fail with the reason `room_archived`. Its memberships in Matrix stay.
         */
        delete: operations["admin_archive_room"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/rooms/{room_id}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Brings an archived room back. */
        post: operations["admin_restore_room"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/rules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The rules, in the order in which they decide; also those that operators wrote into the table `"MessagingRule"`. */
        get: operations["list_rules"];
        put?: never;
        /** Adds a rule; super admins only. It decides within five seconds. */
        post: operations["create_rule"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/rules/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Removes a rule; super admins only. */
        delete: operations["delete_rule"];
        options?: never;
        head?: never;
        /** Changes a rule; super admins only. An `id` in the body is passed over. */
        patch: operations["update_rule"];
        trace?: never;
    };
    "/api/v1/admin/rules/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What the rules say to a message from one person to another, and why. A tenant's admin may ask when one of the two is of the
         *     tenant.
         */
        post: operations["test_rules"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/service-tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Service tokens that admins made. */
        get: operations["list_service_tokens"];
        put?: never;
        /** Makes a service token. The answer is the only place where the token itself is shown. */
        post: operations["create_service_token"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/service-tokens/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Revokes a service token. */
        delete: operations["revoke_service_token"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** People who were here, by id. */
        get: operations["admin_list_users"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/users/{hub_user_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One person. */
        get: operations["admin_get_user"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Changes what admins note of a person. */
        patch: operations["admin_update_user"];
        trace?: never;
    };
    "/api/v1/admin/users/{hub_user_id}/deactivate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Keeps a person out.
         * @description Their token counts nowhere any more; open streams and the sessions of external clients end at once. What they said
         *     stays. App passwords are kept and refused. One cannot deactivate oneself, and only super admins deactivate super
         *     admins: 403.
         */
        post: operations["admin_deactivate_user"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/users/{hub_user_id}/external-client": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A person's external clients, for an admin. */
        get: operations["admin_get_external_client"];
        put?: never;
        /**
         * Makes an app password for a device of somebody else.
         * @description Whoever has it reads and writes as this person. Only super admins make one for a super admin.
         */
        post: operations["admin_add_external_client"];
        /** Takes external clients away from a person: all app passwords and sessions end at once. */
        delete: operations["admin_remove_external_client"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/users/{hub_user_id}/external-client/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A person's devices that are signed in. */
        get: operations["admin_list_persons_sessions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/users/{hub_user_id}/external-client/sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Signs one of a person's devices out. */
        delete: operations["admin_end_persons_session"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/users/{hub_user_id}/reactivate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Lets a person in again. */
        post: operations["admin_reactivate_user"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/webhooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Webhooks: a tenant's own, or all. */
        get: operations["list_webhooks"];
        put?: never;
        /** Makes a webhook, which is told of what happens from now on. The answer is the only place where its secret is shown. */
        post: operations["create_webhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/webhooks/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One webhook. */
        get: operations["read_webhook"];
        put?: never;
        post?: never;
        /** Removes a webhook and what waits for it. */
        delete: operations["delete_webhook"];
        options?: never;
        head?: never;
        /** Changes a webhook. */
        patch: operations["update_webhook"];
        trace?: never;
    };
    "/api/v1/admin/webhooks/{id}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What became of what a webhook is told, newest first. What is over is kept as long as the event log. */
        get: operations["list_deliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/webhooks/{id}/deliveries/{delivery_id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Delivers now what waits or was given up, with all its attempts before it. */
        post: operations["retry_delivery"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/webhooks/{id}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Delivers again what happened since a time, with the same ids. */
        post: operations["replay_webhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/webhooks/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sends a `test.ping`, whatever the webhook is told otherwise. */
        post: operations["test_webhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/websocket/stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The open sockets and streams of this replica.
         * @description Admins see those of their tenant, super admins all. In development a request from the machine itself needs no token.
         */
        get: operations["websocket_stats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/contacts/block": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Blocks somebody.
         * @description Direct messages stop both ways at once, at every door; requests between the two are cancelled. Matrix clients ignore the
         *     person, too. Doing it again changes nothing but the reason.
         */
        post: operations["block_user"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/contacts/block/{user_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Takes a block back; there need not be one. */
        delete: operations["unblock_user"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/contacts/blocked": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whom one has blocked, the last first. */
        get: operations["blocked_users"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/contacts/can-message/{user_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether one may write to somebody, and why. Of people who do not exist it says the same as of those of a foreign
         *     organisation to whom no rule leads.
         */
        get: operations["can_message"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/contacts/requests": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Contact requests that one got, newest first. */
        get: operations["received_contact_requests"];
        put?: never;
        /**
         * Asks somebody for contact.
         * @description Only where a rule wants a request. 400 when none is required, or when one is pending between the two, whoever asked; 403
         *     with `details.code` when no rule allows the two to write to each other (`denied`, also for unknown people), when one has
         *     blocked the other (`blocked_by_you`, `blocked`), or when this person declined in the last seven days
         *     (`declined_recently`). At most 50 requests in 24 hours: 429.
         */
        post: operations["request_contact"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/contacts/requests/{id}/respond": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Answers a contact request; only its addressee may. The same answer again changes nothing; another one, or one to a request
         *     that has expired or ended, is 400.
         */
        post: operations["answer_contact_request"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/contacts/requests/sent": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Contact requests that one made, newest first. */
        get: operations["sent_contact_requests"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/conversations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One's conversations, the most recently active first. */
        get: operations["list_conversations"];
        put?: never;
        /** Makes a conversation, or opens the one that is there: a direct one, or the caller's with the support team. */
        post: operations["create_conversation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/conversations/{conversation_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A conversation. */
        get: operations["get_conversation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Changes a conversation's name or description. */
        patch: operations["change_conversation"];
        trace?: never;
    };
    "/api/v1/conversations/{conversation_id}/leave": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Leaves a conversation. */
        post: operations["leave_conversation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/conversations/{conversation_id}/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A conversation's messages, newest first. Deleted ones stay, empty and with `deletedAt`. */
        get: operations["list_conversation_messages"];
        put?: never;
        /** Sends a message. */
        post: operations["send_conversation_message"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/conversations/{conversation_id}/participants": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A conversation's participants, by id.
         * @description In a conversation of a whole organisation these are the people who have written there; everybody else of it reads and
         *     writes there all the same.
         */
        get: operations["list_participants"];
        put?: never;
        /** Adds a person to a group. They are in it at once. */
        post: operations["add_participant"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/conversations/{conversation_id}/participants/{user_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Removes a person from a group. */
        delete: operations["remove_participant"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/conversations/{conversation_id}/read": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Marks a conversation as read, up to a message or all of it. The mark never moves back. */
        post: operations["mark_conversation_read"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/conversations/{conversation_id}/typing": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Says that one types, or no longer. */
        put: operations["set_conversation_typing"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/dev/people": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * People to sign in as, without a hub: at most 20 of the default tenant, the last seen first.
         * @description Only with `APP_ENV=development` and the default `SECRET_KEY`, which is public: whoever has it can sign such tokens
         *     anyway.
         */
        get: operations["dev_people"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/poll": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The events since the last poll, where a stream is not possible.
         * @description Without `since` the service remembers per person and client what was answered; each event is answered once. Events
         *     that last have their `id` in the object. Polling takes nothing away from an open stream.
         */
        get: operations["poll_events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The event stream, for `EventSource`.
         * @description Server-sent events without an `event:` line: each `data:` is one JSON object with its `type` in it, an `Event`.
         *     Events that last carry an `id:`; who comes back with the last one misses nothing and gets nothing twice. The stream
         *     ends when its token does.
         */
        get: operations["stream_events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/ticket": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A ticket for one stream. */
        post: operations["make_ticket"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Health in short. Always 200; `status` tells. */
        get: operations["health"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/health/detailed": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Health part by part. Always 200; `status` tells. */
        get: operations["detailed"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/media/{server}/{media_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Loads a file.
         * @description Images, sound and video may be shown in place; everything else is to be saved. Nothing is ever run as a page.
         */
        get: operations["download_file"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/media/{server}/{media_id}/link": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Signs a link to a file that the caller may load. */
        post: operations["sign_link"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/media/{server}/{media_id}/thumbnail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Loads a smaller version of an image. */
        get: operations["download_thumbnail"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sends a message into the conversation that its body names: what a client falls back to when its socket fails. */
        post: operations["send_message_by_id"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/messages/{event_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Deletes a message: one's own, or as an admin of the room any. */
        delete: operations["delete_message"];
        options?: never;
        head?: never;
        /** Changes the text of one's own message. */
        patch: operations["edit_message"];
        trace?: never;
    };
    "/api/v1/messages/{event_id}/reactions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Reacts to a message. Twice the same is once. */
        post: operations["add_reaction"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/messages/{event_id}/reactions/{emoji}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Takes one's reaction back. */
        delete: operations["remove_reaction"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/messages/history/{room_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The newest messages of a room, or those before, after or around one, always oldest first. */
        get: operations["get_history"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/messages/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Messages that contain a text, in the rooms one sees, newest first. */
        get: operations["search_messages"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/messages/send": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sends a message. */
        post: operations["send_message"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/messages/unread": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How many messages one has not read, in all conversations. */
        get: operations["count_unread"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/messages/upload": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Posts a file into a room. The parts may come in any order. */
        post: operations["upload_into_room"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/notifications": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The notifications that came with this service token, newest first. */
        get: operations["list_notifications"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/notifications/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A notification that came with this service token. */
        get: operations["get_notification"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/notifications/send": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sends a notification.
         * @description It is stored before it is answered and delivered exactly once. When it is delivered within two seconds the answer is
         *     201 with `status: "sent"`; else 202 with `status: "queued"`, the Matrix ids null, and it is delivered later.
         */
        post: operations["send_notification"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/presence": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who of the tenant is here now.
         * @description Whoever is not in the list is offline. Live changes are events of the type `presence`.
         */
        get: operations["list_presence"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rooms": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One's rooms, the most recently active first. */
        get: operations["list_rooms"];
        put?: never;
        /** Makes a room, or opens one's room with the support team. */
        post: operations["create_room"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rooms/{room_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A room. */
        get: operations["get_room"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Changes a room's name or topic. */
        patch: operations["change_room"];
        trace?: never;
    };
    "/api/v1/rooms/{room_id}/leave": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Leaves a room. */
        post: operations["leave_room"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rooms/{room_id}/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A room's members, by id.
         * @description In a room that the whole tenant sees, these are the people who have a Matrix membership; everybody else of the tenant
         *     reads and writes there all the same.
         */
        get: operations["list_members"];
        put?: never;
        /** Adds a person to a group. They are in it at once. */
        post: operations["add_member"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rooms/{room_id}/members/{hub_user_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Removes a person from a group. */
        delete: operations["remove_member"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rooms/{room_id}/read": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Marks a room as read, up to a message or all of it. The mark never moves back. */
        post: operations["mark_read"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rooms/{room_id}/reads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How far the others have read in a room, the furthest first.
         * @description Only of those who marked something as read, and who see the room now. Live changes are events of the type `read`.
         */
        get: operations["list_reads"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rooms/{room_id}/typing": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Says that one types, or no longer. */
        put: operations["set_typing"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rooms/dm/{hub_user_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Opens the direct room with a person, and makes it when there is none. */
        post: operations["open_dm"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rooms/entity/{entity_type}/{entity_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Opens the room of a machine, a project, an order, and makes it when there is none. */
        post: operations["open_entity_room"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rooms/entity/{entity_type}/{entity_id}/members/{hub_user_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Puts a person into the room of a community or a post, which is made when it is missing.
         * @description For the types `community` and `post` and those in `ENTITY_MEMBERS_TYPES`, whose rooms only their members see. Who is in
         *     it already stays so.
         */
        put: operations["add_entity_member"];
        post?: never;
        /** Takes a person out of the room of a community or a post. Who is not in it stays so. */
        delete: operations["remove_entity_member"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/uploads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Uploads a file without posting it. Its uploader may load it, and whoever sees a room it is posted in later. */
        post: operations["upload_file"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Colleagues, to pick one for a direct message.
         * @description Active people of one's own tenant, by id.
         */
        get: operations["find_users"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who one is.
         * @description The first request with a token makes the person's Matrix account.
         */
        get: operations["get_me"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/me/external-client": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether one may use Element and the like, where they connect, and how far one's rooms are. */
        get: operations["get_external_client"];
        put?: never;
        /**
         * Makes an app password for one device, and lets one use Element and the like.
         * @description The answer is the only place where the password is shown. The first time, the account is brought into the rooms of its
         *     tenant, in the background; `joining` of the GET says how far that is.
         */
        post: operations["add_external_client"];
        /** Takes Element and the like away from oneself: all app passwords and sessions end at once. */
        delete: operations["remove_external_client"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/me/external-client/login-token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Lets a client sign in as oneself.
         * @description For a page that has asked the person, as the one at `/sso` does. The token is good once and for a minute.
         */
        post: operations["make_login_token"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/me/external-client/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One's devices that are signed in. */
        get: operations["list_external_sessions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/me/external-client/sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Signs one of one's devices out; the app password it began with counts no more either. */
        delete: operations["end_external_session"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the process runs. */
        get: operations["live"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/messaging/block": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Blocks somebody: no direct messages between the two any more, either way, and no contact requests. Twice is once. */
        post: operations["messaging_block"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/messaging/block/{user_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Takes a block back; there need not be one. */
        delete: operations["messaging_unblock"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/messaging/conversations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One's conversations, the most recently active first.
         * @description A page beyond the last is empty. Between two pages that are asked for, what is said moves conversations to the top.
         */
        get: operations["messaging_conversations"];
        put?: never;
        /** Makes a conversation, or opens the one that is there: a direct one, or the caller's with the support team. */
        post: operations["messaging_create_conversation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/messaging/conversations/{conversation_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A conversation. */
        get: operations["messaging_conversation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Changes a conversation's title. */
        patch: operations["messaging_change_conversation"];
        trace?: never;
    };
    "/messaging/conversations/{conversation_id}/leave": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Leaves a conversation. */
        post: operations["messaging_leave_conversation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/messaging/conversations/{conversation_id}/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A conversation's messages, newest first, with their reactions and read receipts.
         * @description Deleted ones stay, empty and with `isDeleted`. A page beyond the last is empty. What is said between two pages that are
         *     asked for moves older messages to the next page.
         */
        get: operations["messaging_messages"];
        put?: never;
        /** Sends a message. */
        post: operations["messaging_send_message"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/messaging/conversations/{conversation_id}/participants": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A conversation's participants, by id.
         * @description In a conversation of a whole organisation these are the people who have written there; everybody else of it reads and
         *     writes there all the same.
         */
        get: operations["messaging_participants"];
        put?: never;
        /** Adds a person to a group. They are in it at once. */
        post: operations["messaging_add_participant"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/messaging/conversations/{conversation_id}/participants/{user_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Removes a person from a group; its admins may, and anybody themselves. */
        delete: operations["messaging_remove_participant"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/messaging/messages/{message_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Changes the text of one's own message. */
        put: operations["messaging_edit_message"];
        post?: never;
        /** Deletes one's own message. It stays in lists as an empty one. */
        delete: operations["messaging_delete_message"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/messaging/messages/{message_id}/reactions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Reacts to a message. Twice the same is once, and answers the first. */
        post: operations["messaging_add_reaction"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/messaging/messages/{message_id}/reactions/{emoji}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Takes one's reaction back. */
        delete: operations["messaging_remove_reaction"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/messaging/messages/{message_id}/read": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Marks a conversation as read up to a message. The mark never moves back, and when a message was first read stays. */
        post: operations["messaging_mark_read"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/messaging/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Messages that contain a text, in the conversations one sees, newest first.
         * @description Pages reach back to the 10,000th message that is found: `page` times `limit` may not be more.
         */
        get: operations["messaging_search"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/messaging/uploads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Uploads a file. The `url` of the answer is what a message takes as `attachmentUrl`.
         * @description Its uploader may load it, and whoever sees a conversation it is posted in later.
         */
        post: operations["messaging_upload"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Metrics in Prometheus' text format. */
        get: operations["metrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether requests make sense now. */
        get: operations["ready"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * @description What to say to a contact request.
         * @enum {string}
         */
        Action: "accept" | "decline";
        /** @description An admin who changed something. */
        Actor: {
            /** @description The name they had. */
            display_name: string;
            /** @description The admin's id. */
            hub_user_id: string;
        };
        /**
         * @description Who is to be in the room.
         * @example {
         *       "hub_user_id": "mueller"
         *     }
         */
        AddMember: {
            /** @description A colleague's id. */
            hub_user_id: string;
        };
        /**
         * @description Who is to be in the conversation.
         * @example {
         *       "userId": "user_3y"
         *     }
         */
        AddParticipant: {
            /** @description Their id. */
            userId: string;
        };
        /**
         * @description A reaction.
         * @example {
         *       "emoji": "👍"
         *     }
         */
        AddReaction: {
            /** @description Up to 64 bytes. */
            emoji: string;
        };
        /**
         * @description A room as admins see it: what it is, not what was said in it.
         * @example {
         *       "archived_at": null,
         *       "created_at": "2026-01-01T08:00:00.000Z",
         *       "created_by": "mueller",
         *       "entity_key": null,
         *       "entity_type": null,
         *       "last_activity_at": "2026-01-31T12:00:00.000Z",
         *       "members": 12,
         *       "message_count": 170,
         *       "name": "Projekt Alpha",
         *       "room_id": "!abc:hub.local",
         *       "room_type": "group",
         *       "tenant_id": 1,
         *       "topic": "Diskussion zum Projekt"
         *     }
         */
        AdminRoom: {
            /** @description When it was archived; null: it is in use. */
            archived_at?: string | null;
            /** @description When it was made. */
            created_at: string;
            /** @description Who made it. */
            created_by: string;
            /** @description Of an entity room: an integer's digits or a key. */
            entity_key?: string | null;
            /** @description Of an entity room. */
            entity_type?: string | null;
            /** @description When the newest message was sent; null before the first. */
            last_activity_at?: string | null;
            /**
             * Format: int64
             * @description How many people are in it. A room for the whole tenant is seen by all of it, whoever is in it.
             */
            members: number;
            /**
             * Format: int64
             * @description Messages ever.
             */
            message_count: number;
            /** @description Name; null for direct rooms and for therapy. */
            name?: string | null;
            /** @description Matrix room id. */
            room_id: string;
            /** @description What it is for. */
            room_type: components["schemas"]["RoomKind"];
            /**
             * Format: int64
             * @description The tenant: an integer, or a string where it is none.
             */
            tenant_id: number;
            /** @description Topic; null for direct rooms and for therapy. */
            topic?: string | null;
        };
        /** @description A room as admins see it, with its members. */
        AdminRoomWithMembers: components["schemas"]["AdminRoom"] & {
            /** @description Who is in it or asked in: the first 500, by id. */
            member_list: components["schemas"]["Member"][];
        };
        /**
         * @description A person as admins see them.
         * @example {
         *       "active": true,
         *       "created_at": "2026-01-01T08:00:00.000Z",
         *       "deactivated_at": null,
         *       "display_name": "Max Mueller",
         *       "external_client_enabled": true,
         *       "external_sessions": 2,
         *       "hub_role": "manager",
         *       "hub_user_id": "mueller",
         *       "last_seen_at": "2026-01-31T12:00:00.000Z",
         *       "matrix_user_id": "@mueller:hub.local",
         *       "note": null,
         *       "role": "user",
         *       "source": "hub",
         *       "super_admin": false,
         *       "support": false,
         *       "tenant_id": 1
         *     }
         */
        AdminUser: {
            /** @description Whether they may come in. */
            active: boolean;
            /** @description When they were first here. */
            created_at: string;
            /** @description When they were deactivated. */
            deactivated_at?: string | null;
            /** @description Shown name, as the last token said it. */
            display_name: string;
            /** @description Whether they may use Element and the like. */
            external_client_enabled: boolean;
            /**
             * Format: int64
             * @description Their devices that are signed in there.
             */
            external_sessions: number;
            /** @description Role at the hub; null when the token named none. */
            hub_role?: string | null;
            /** @description The person's id. */
            hub_user_id: string;
            /** @description When they were last here, to a minute. */
            last_seen_at: string;
            /** @description Matrix account. */
            matrix_user_id: string;
            /** @description What admins noted; nobody else sees it. */
            note?: string | null;
            /** @description Role here. */
            role: components["schemas"]["Role"];
            /** @description Which tokens they come with: `hub`, `clerk` or `local`. */
            source: string;
            /** @description Whether they see every tenant in the admin API. */
            super_admin: boolean;
            /** @description Whether they are of the support team. */
            support: boolean;
            /**
             * Format: int64
             * @description The tenant: an integer, or a string where it is none.
             */
            tenant_id: number;
        };
        /** @description Who asks. */
        AskingUser: {
            /** @description Picture. */
            avatarUrl?: string | null;
            /** @description E-mail, as their token told it; for the addressee of the request only. */
            email?: string | null;
            /** @description The person's id. */
            id: string;
            /** @description Shown name. */
            name: string;
        };
        /**
         * @description Somebody who is blocked.
         * @example {
         *       "createdAt": "2026-01-31T12:00:00.123Z",
         *       "reason": "spam",
         *       "user": {
         *         "avatarUrl": null,
         *         "id": "user_3y",
         *         "name": "Erika Musterfrau"
         *       },
         *       "userId": "user_3y"
         *     }
         */
        Blocked: {
            /** @description Since when. */
            createdAt: string;
            /** @description Why, in one's own words. */
            reason?: string | null;
            /** @description Who. */
            user: components["schemas"]["ContactUser"];
            /** @description Who. */
            userId: string;
        };
        /** @description A page of those who are blocked. */
        BlockedUsers: {
            /** @description The last blocked first. */
            blocked: components["schemas"]["Blocked"][];
            /** @description What to pass as `cursor` for the next page; null at the end. */
            nextCursor?: string | null;
        };
        /**
         * @description Somebody to be blocked.
         * @example {
         *       "reason": "spam",
         *       "userId": "user_3y"
         *     }
         */
        BlockUser: {
            /** @description Why, for oneself only; up to 1,000 characters. */
            reason?: string | null;
            /** @description Whom. */
            userId: string;
        };
        /**
         * @description Whether one may write to somebody.
         * @example {
         *       "canMessage": false,
         *       "code": "approval_required",
         *       "reason": "Contact request required",
         *       "requiresApproval": true
         *     }
         */
        CanMessageAnswer: {
            /** @description Whether one may now. */
            canMessage: boolean;
            /**
             * @description Why, as a stable word: `allowed`, `contact`, `approval_required`, `denied`, `blocked_by_you`, `blocked`, `self` or
             *     `viewer`.
             */
            code: string;
            /** @description Why, in English. */
            reason: string;
            /** @description Whether one may once a contact request is accepted. */
            requiresApproval: boolean;
        };
        /**
         * @description What changes of a conversation; what is absent stays.
         * @example {
         *       "description": "Neues Thema",
         *       "name": "Projekt Beta"
         *     }
         */
        ChangeConversation: {
            /** @description Up to 1,000 characters; an empty one removes it. */
            description?: string | null;
            /** @description 1 to 255 characters. */
            name?: string | null;
        };
        /**
         * @description What changes of a room; what is absent stays.
         * @example {
         *       "name": "Projekt Beta",
         *       "topic": "Neues Thema"
         *     }
         */
        ChangeRoom: {
            /** @description 1 to 255 characters. */
            name?: string | null;
            /** @description Up to 1,000 characters; an empty one removes it. */
            topic?: string | null;
        };
        /** @description How each part is. */
        Checks: {
            /** @description Whether the homeserver knows this service and reaches it. */
            appservice: components["schemas"]["OneCheck"];
            /** @description The database. */
            database: components["schemas"]["OneCheck"];
            /** @description The homeserver. */
            homeserver: components["schemas"]["OneCheck"];
            identity?: components["schemas"]["OneCheck"] | null;
            /** @description Redis, or the bus within the process. */
            redis: components["schemas"]["RedisCheck"];
            webhooks?: components["schemas"]["OneCheck"] | null;
        };
        /** @description What to type into a client. */
        ClientHint: {
            /** @description The address that suits this client best. */
            homeserver_url: string;
            /** @description What to know about certificates, in English. */
            note: string;
            /** @description The user name. */
            user: string;
        };
        /** @description What to type into which client. */
        Clients: {
            element: components["schemas"]["ClientHint"];
            fluffychat: components["schemas"]["ClientHint"];
        };
        /**
         * @description A colleague.
         * @example {
         *       "avatar_url": null,
         *       "display_name": "Max Mueller",
         *       "family_name": "Mueller",
         *       "given_name": "Max",
         *       "hub_user_id": "mueller"
         *     }
         */
        Colleague: components["schemas"]["User"] & {
            /** @description An `https://` picture, when there is one. */
            avatar_url?: string | null;
            /** @description Family name, when there is one. */
            family_name?: string | null;
            /** @description Given name, when there is one (contract R14). */
            given_name?: string | null;
        };
        /**
         * @description A contact request.
         * @example {
         *       "answeredAt": null,
         *       "createdAt": "2026-01-31T12:00:00.123Z",
         *       "expiresAt": "2026-02-07T12:00:00.123Z",
         *       "fromUser": {
         *         "avatarUrl": null,
         *         "email": "max@example.com",
         *         "id": "user_2x",
         *         "name": "Max Mustermann"
         *       },
         *       "fromUserId": "user_2x",
         *       "id": "019c12345678a1b2c3d4e5f60718",
         *       "message": "Hi, ich möchte Sie kontaktieren …",
         *       "ruleId": "cross-org-managers",
         *       "status": "PENDING",
         *       "toUser": {
         *         "avatarUrl": null,
         *         "id": "user_3y",
         *         "name": "Erika Musterfrau"
         *       },
         *       "toUserId": "user_3y"
         *     }
         */
        ContactRequest: {
            /** @description When it was answered, or ended by a block. */
            answeredAt?: string | null;
            /** @description When it was made. */
            createdAt: string;
            /** @description When it ends by itself: after seven days. */
            expiresAt: string;
            /** @description Who asks. */
            fromUser: components["schemas"]["AskingUser"];
            /** @description Who asks. */
            fromUserId: string;
            /** @description Its id. */
            id: string;
            /** @description What the asking person says. */
            message: string;
            /** @description The rule that wants the request. */
            ruleId: string;
            /** @description How far it has come. */
            status: components["schemas"]["RequestStatus"];
            /** @description Who is asked. */
            toUser: components["schemas"]["ContactUser"];
            /** @description Who is asked. */
            toUserId: string;
        };
        /** @description A contact request, in an envelope. */
        ContactRequestAnswer: {
            /** @description The request. */
            contactRequest: components["schemas"]["ContactRequest"];
        };
        /** @description A page of contact requests. */
        ContactRequests: {
            /** @description What to pass as `cursor` for the next page; null at the end. */
            nextCursor?: string | null;
            /** @description Newest first. */
            requests: components["schemas"]["ContactRequest"][];
        };
        /** @description Somebody who asks, is asked, or is blocked. */
        ContactUser: {
            /** @description Picture. */
            avatarUrl?: string | null;
            /** @description The person's id. */
            id: string;
            /** @description Shown name. */
            name: string;
        };
        /**
         * @description A conversation.
         * @example {
         *       "avatarUrl": null,
         *       "createdAt": "2026-01-31T11:00:00.000Z",
         *       "description": "Diskussion zum Projekt",
         *       "id": "!abc:hub.local",
         *       "lastMessage": {
         *         "content": "Hallo!",
         *         "createdAt": "2026-01-31T12:00:00.123Z",
         *         "id": "$evt123",
         *         "senderId": "user_2x",
         *         "type": "TEXT"
         *       },
         *       "name": "Projekt Alpha",
         *       "participants": [
         *         {
         *           "avatarUrl": "https://img.example.org/max.png",
         *           "isOnline": true,
         *           "lastSeenAt": "2026-01-31T12:00:00.000Z",
         *           "name": "Max Mustermann",
         *           "role": "OWNER",
         *           "tenantId": "org_2x",
         *           "userId": "user_2x"
         *         }
         *       ],
         *       "type": "GROUP",
         *       "unreadCount": 3,
         *       "updatedAt": "2026-01-31T12:00:00.123Z"
         *     }
         */
        Conversation: {
            /** @description Where its picture is loaded from. */
            avatarUrl?: string | null;
            /** @description When it was made. */
            createdAt: string;
            /** @description What it is about. */
            description?: string | null;
            /** @description Matrix room id: an opaque string. */
            id: string;
            lastMessage?: components["schemas"]["LastMessage"] | null;
            /** @description Its name. A direct conversation has none, unless the other side is no person: then that is its name. */
            name?: string | null;
            /** @description The caller and up to 99 others, by id. In a conversation of the whole organisation: those who have written there. */
            participants: components["schemas"]["Participant"][];
            /** @description What it is. */
            type: components["schemas"]["ConversationType"];
            /**
             * Format: int64
             * @description Messages of others that the caller has not read.
             */
            unreadCount: number;
            /** @description When something was said last, or when it was made. */
            updatedAt: string;
        };
        /** @description A conversation by itself. */
        ConversationAnswer: {
            /** @description The conversation. */
            conversation: components["schemas"]["Conversation"];
        };
        /**
         * @description A message of a conversation.
         * @example {
         *       "attachmentName": null,
         *       "attachmentType": null,
         *       "attachmentUrl": null,
         *       "content": "Hallo!",
         *       "conversationId": "!abc:hub.local",
         *       "createdAt": "2026-01-31T12:00:00.123Z",
         *       "deletedAt": null,
         *       "editedAt": null,
         *       "id": "$evt123",
         *       "position": 4711,
         *       "reactions": [
         *         {
         *           "count": 1,
         *           "emoji": "👍",
         *           "userIds": [
         *             "user_3y"
         *           ]
         *         }
         *       ],
         *       "replyToId": null,
         *       "sender": {
         *         "avatarUrl": "https://img.example.org/max.png",
         *         "name": "Max Mustermann"
         *       },
         *       "senderId": "user_2x",
         *       "type": "TEXT"
         *     }
         */
        ConversationMessage: {
            /** @description Its name. */
            attachmentName?: string | null;
            /** @description Its type of content. */
            attachmentType?: string | null;
            /** @description Where to load the attachment: a path of this service that needs the token, or the address that was posted. */
            attachmentUrl?: string | null;
            /** @description What the sender's client called it (contract R63). In the answer to sending it and in live events. */
            clientId?: string;
            /** @description Its text; of a file without one, its name. Empty when it was deleted (contract R60). */
            content: string;
            /** @description The conversation. */
            conversationId: string;
            /** @description When it was sent. */
            createdAt: string;
            /** @description When it was deleted. */
            deletedAt?: string | null;
            /** @description When it was last changed. */
            editedAt?: string | null;
            /** @description Matrix event id: an opaque string. */
            id: string;
            /**
             * Format: int64
             * @description Its place in the service's log of events: greater is later. A socket resumes from the greatest one it has seen.
             */
            position: number;
            /**
             * @description Who reacted with what, oldest emoji first. In lists and in the answer to a change; not in live events, which tell
             *     of reactions by themselves.
             */
            reactions?: components["schemas"]["MessageReactions"][];
            /** @description The message it answers. */
            replyToId?: string | null;
            /** @description Who sent it, to show. */
            sender: components["schemas"]["MessageSender"];
            /** @description Who sent it. */
            senderId: string;
            /** @description What it is. */
            type: components["schemas"]["MessageType"];
        };
        /** @description A message by itself. */
        ConversationMessageAnswer: {
            /** @description The message. */
            message: components["schemas"]["ConversationMessage"];
        };
        /** @description A page of messages. */
        ConversationMessages: {
            /** @description Whether there are older ones. */
            hasMore: boolean;
            /** @description The page, newest first. */
            messages: components["schemas"]["ConversationMessage"][];
            /** @description What to pass as `cursor` for the next page; null at the end. */
            nextCursor?: string | null;
        };
        /** @description A page of conversations. */
        Conversations: {
            /** @description The page, the most recently active first. */
            conversations: components["schemas"]["Conversation"][];
            /** @description What to pass as `cursor` for the next page; null at the end. */
            nextCursor?: string | null;
            /**
             * Format: int64
             * @description Messages of others that the caller has not read, in all conversations.
             */
            totalUnread: number;
        };
        /**
         * @description What a conversation is. General rooms and those of machines, projects and the like are groups here (contract R59).
         * @enum {string}
         */
        ConversationType: "DIRECT" | "GROUP" | "SUPPORT";
        /**
         * @description A new room.
         * @example {
         *       "invite_users": [
         *         "mueller",
         *         "schmidt"
         *       ],
         *       "name": "Projekt Alpha",
         *       "topic": "Diskussion zum Projekt"
         *     }
         */
        CreateRoom: {
            /** @description Ids of colleagues; they are in the room at once. */
            invite_users?: string[] | null;
            /** @description 1 to 255 characters. Needed for a group. */
            name?: string | null;
            room_type?: components["schemas"]["NewRoomType"] | null;
            /** @description Up to 1,000 characters. */
            topic?: string | null;
        };
        /**
         * @description A new service token.
         * @example {
         *       "name": "fertigungs-app",
         *       "tenant_id": 1
         *     }
         */
        CreateServiceToken: {
            /** @description What it is for. */
            name: string;
            /**
             * Format: int64
             * @description The tenant its notifications go to: an integer or a string. Only super admins may leave it out.
             */
            tenant_id?: number | null;
        };
        /**
         * @description A new webhook.
         * @example {
         *       "description": "CRM",
         *       "events": [
         *         "message.sent",
         *         "message.read"
         *       ],
         *       "url": "https://crm.example.org/hooks/messenger"
         *     }
         */
        CreateWebhook: {
            /** @description What it is for, up to 1,000 characters. */
            description?: string;
            /** @description What it is told: one or more of `conversation.created`, `message.sent`, `message.read`. */
            events: string[];
            /**
             * Format: int64
             * @description Whose events: an integer or a string. Only super admins may leave it out and mean all tenants.
             */
            tenant_id?: number | null;
            /**
             * @description Where it is: `https://` or `http://`, up to 2,000 characters. In production not on a private address, unless
             *     `WEBHOOK_ALLOWED_HOSTS` names the host.
             */
            url: string;
        };
        /**
         * @description Why somebody is kept out.
         * @example {
         *       "reason": "left the company"
         *     }
         */
        Deactivate: {
            /** @description For the audit log, up to 500 characters. */
            reason?: string | null;
        };
        /** @enum {string} */
        DeliveryStatus: "queued" | "delivered" | "dead";
        /** @description Health part by part. */
        DetailedHealth: components["schemas"]["Health"] & {
            /** @description What the service needs. */
            checks: components["schemas"]["Checks"];
        };
        /**
         * @description A person to try the service out as, with a token.
         * @example {
         *       "display_name": "Max Mueller",
         *       "hub_user_id": "mueller",
         *       "role": "user",
         *       "token": "eyJhbGciOi…"
         *     }
         */
        DevPerson: {
            /** @description Shown name. */
            display_name: string;
            /** @description Id. */
            hub_user_id: string;
            /** @description The messenger's role. */
            role: components["schemas"]["Role"];
            /** @description Signs them in, for twelve hours. */
            token: string;
        };
        /**
         * @description The new text of a message, in one of two fields; each has its own answer.
         * @example {
         *       "body": "Hallo Welt?"
         *     }
         */
        EditMessage: {
            /** @description 1 to 16,000 characters. */
            body?: string | null;
            /**
             * @description The same, for those who know messages from `/api/v1/conversations`: the answer is `{"message": …}` as there, and
             *     invalid input is 400.
             */
            content?: string | null;
        };
        /** @description Everybody who reacted with one emoji. */
        EmojiReactions: {
            /** @description How many people. */
            count: number;
            /** @description The emoji. */
            emoji: string;
            /** @description They, in the order they reacted. */
            users: components["schemas"]["User"][];
        };
        /**
         * @description A person in the room of an entity.
         * @example {
         *       "hub_user_id": "mueller",
         *       "membership": "join",
         *       "room_id": "!abc:hub.local"
         *     }
         */
        EntityMember: {
            /** @description Who. */
            hub_user_id: string;
            /** @description `join`. */
            membership: components["schemas"]["Membership"];
            /** @description The room. */
            room_id: string;
        };
        /**
         * @description The body of every answer that is an error.
         * @example {
         *       "detail": "title: must not be empty",
         *       "details": {
         *         "field": "title",
         *         "message": "must not be empty"
         *       },
         *       "error": "validation_error",
         *       "message": "title: must not be empty"
         *     }
         */
        ErrorBody: {
            /** @description The same as `message`; not under `/api/v1/conversations`, `/api/v1/contacts` and `/messaging`. */
            detail?: string | null;
            /**
             * @description `{field, message}` of invalid input, `{limit}` in bytes of what is too large, `{code}` of what the rules of who may
             *     write to whom refuse, else null.
             */
            details?: Record<string, never> | null;
            /**
             * @description A stable word: `validation_error`, `unauthenticated`, `forbidden`, `not_found`, `method_not_allowed`, `conflict`,
             *     `too_large`, `rate_limited`, `unavailable` or `internal`.
             */
            error: string;
            /** @description What is wrong, in English, for people. */
            message: string;
            /**
             * Format: int32
             * @description The HTTP status; only under `/messaging`.
             */
            statusCode?: number | null;
        };
        /**
         * @description An event of the stream and of polling, `type` first. Old clients get `new_message`, `notification`, `connected` and
         *     `keepalive` only, and `gap` when they ask to resume; the others come with `?v=2` (contract R25).
         */
        Event: {
            /** @enum {string} */
            type: "connected";
        } | {
            /** @enum {string} */
            type: "keepalive";
        } | {
            /** @enum {string} */
            type: "gap";
        } | {
            /** @description Text. */
            body: string;
            /** @description What the sender's client called it, when it did. `?v=2`. */
            client_id?: string | null;
            /** @description Present and true when it was deleted before this stream came to it. */
            deleted?: boolean;
            /** @description Present and true when it was changed before this stream came to it. */
            edited?: boolean;
            /** @description Matrix event id. */
            event_id: string;
            /** @description Of a file: its name. */
            filename?: string | null;
            /** @description The sender's id. */
            hub_user_id: string;
            /** @description Ids of the people it mentions. `?v=2`. */
            mentions?: string[] | null;
            message?: components["schemas"]["Message"] | null;
            /** @description Of a file: type of content. */
            mime_type?: string | null;
            /** @description Matrix `msgtype`. */
            msg_type: string;
            /** @description The event it answers. */
            reply_to?: string | null;
            /** @description The room. */
            room_id: string;
            /** @description Matrix id of the sender. */
            sender: string;
            /** @description The sender's shown name. */
            sender_display_name: string;
            /** @description When it was sent. */
            sent_at: string;
            /**
             * Format: int64
             * @description Of a file: bytes.
             */
            size?: number | null;
            /** @enum {string} */
            type: "new_message";
            /** @description Of a file: where to load it. */
            url?: string | null;
        } | {
            /** @description Text. */
            body?: string | null;
            /** @description Matrix event id. */
            event_id: string;
            /** @description Free text. */
            event_type: string;
            message?: components["schemas"]["Message"] | null;
            /** @description Matrix `msgtype`. */
            msg_type: string;
            /**
             * Format: int64
             * @description The notification's id.
             */
            notification_id: number;
            /** @description Loudness. */
            priority: components["schemas"]["Priority"];
            /** @description The room. */
            room_id: string;
            /** @description Matrix id of the satellite's account. */
            sender: string;
            /** @description Its shown name. */
            sender_display_name: string;
            /** @description When it was sent. */
            sent_at: string;
            /** @description The sending application. */
            source_app: string;
            /** @description Title. */
            title: string;
            /** @enum {string} */
            type: "notification";
        } | {
            /** @description The new text. */
            body: string;
            /** @description When. */
            edited_at: string;
            /** @description The message. */
            event_id: string;
            /** @description The room. */
            room_id: string;
            /** @enum {string} */
            type: "message_updated";
        } | {
            /** @description Id of who deleted it. */
            deleted_by: string;
            /** @description The message. */
            event_id: string;
            /** @description The room. */
            room_id: string;
            /** @enum {string} */
            type: "message_deleted";
        } | {
            /** @description The message. */
            event_id: string;
            /** @description Id of who reacted. */
            hub_user_id: string;
            /** @description The emoji. */
            key: string;
            /** @description Whether it went. */
            removed: boolean;
            /** @description The room. */
            room_id: string;
            /** @description Matrix id of who reacted. */
            sender: string;
            /** @description Their shown name. */
            sender_display_name: string;
            /** @enum {string} */
            type: "reaction";
        } | {
            /** @description The message. */
            event_id: string;
            /** @description Who. */
            hub_user_id: string;
            /** @description When. */
            read_at: string;
            /** @description The room. */
            room_id: string;
            /** @enum {string} */
            type: "read";
        } | {
            /** @description The room. */
            room_id: string;
            /** @enum {string} */
            type: "typing";
            /** @description They. */
            users: components["schemas"]["User"][];
        } | {
            /** @description Who. */
            hub_user_id: string;
            /** @description When they were last here. */
            last_seen: string;
            /** @description The same in the words of the list of who is here. */
            presence: components["schemas"]["Presence"];
            /** @description `online`, `away` or `offline`. */
            status: string;
            /** @enum {string} */
            type: "presence";
        } | {
            /** @description Who. */
            hub_user_id: string;
            /** @description What they are now. */
            membership: components["schemas"]["Membership"];
            /** @description The room. */
            room_id: string;
            /** @enum {string} */
            type: "membership";
        } | {
            /** @description The new name; absent when it is as it was. */
            name?: string | null;
            /** @description The room. */
            room_id: string;
            /** @description The new topic; absent when it is as it was. */
            topic?: string | null;
            /** @enum {string} */
            type: "room_changed";
        } | {
            /** @description When it ends by itself. */
            expires_at: string;
            /** @description Their shown name. */
            from_display_name: string;
            /** @description Who asks. */
            from_hub_user_id: string;
            /** @description What the asking person says. */
            message: string;
            /** @description The request. */
            request_id: string;
            /** @description `pending`, `accepted` or `declined`. */
            status: string;
            /** @description Their shown name. */
            to_display_name: string;
            /** @description Who is asked. */
            to_hub_user_id: string;
            /** @enum {string} */
            type: "contact_request";
        };
        /**
         * @description A person's external Matrix clients: whether they may use any, and where these connect (contract R70).
         * @example {
         *       "ca_url": "https://hub.example:8448/ca.pem",
         *       "enabled": true,
         *       "homeserver_url": "https://hub.example:8448",
         *       "joining": {
         *         "done": 12,
         *         "state": "running",
         *         "total": 40
         *       },
         *       "matrix_user_id": "@mueller:hub.local",
         *       "plain_homeserver_url": "http://hub.example:8008"
         *     }
         */
        ExternalClient: {
            /** @description The certificate authority that a device has to trust; null when the certificate is not of the service's own making. */
            ca_url?: string | null;
            /** @description Whether external clients may sign in for this person. */
            enabled: boolean;
            /** @description The homeserver as it is typed into a client. */
            homeserver_url: string;
            /** @description How far the account is brought into the rooms of its tenant. */
            joining: components["schemas"]["Joining"];
            /** @description The Matrix account. */
            matrix_user_id: string;
            /** @description The same without TLS; null when that is off. */
            plain_homeserver_url?: string | null;
        };
        /**
         * @description A device with an external Matrix client that is signed in (contract R70).
         * @example {
         *       "client": "Element/1.6.20",
         *       "created_at": "2026-01-31T12:00:00.000Z",
         *       "device_id": "ABCDEFGHIJ",
         *       "device_name": "My phone",
         *       "id": "0f6c2f7f9a",
         *       "last_seen_at": "2026-01-31T12:30:00.000Z",
         *       "last_seen_ip": "192.0.2.7"
         *     }
         */
        ExternalSession: {
            /** @description What the client says it is. */
            client: string;
            /** @description When it signed in. */
            created_at: string;
            /** @description Matrix device id. */
            device_id: string;
            /** @description What the person or the client calls the device. */
            device_name: string;
            /** @description Whose: only in the list of everybody's. */
            hub_user_id?: string | null;
            /** @description Id. */
            id: string;
            /** @description When it was last used, to a minute. */
            last_seen_at: string;
            /** @description From where. */
            last_seen_ip: string;
        };
        /**
         * @description Health in short.
         * @example {
         *       "conduit": "reachable",
         *       "service": "messenger-service",
         *       "status": "healthy",
         *       "timestamp": "2026-01-31T12:00:00.000Z"
         *     }
         */
        Health: {
            /** @description The homeserver, whichever it is: `reachable` or `unreachable`. */
            conduit: string;
            /** @description Always `messenger-service`. */
            service: string;
            /** @description `healthy`, or `degraded` when something it needs is away. */
            status: string;
            /** @description Now. */
            timestamp: string;
        };
        /**
         * @description What happened in an hour.
         * @example {
         *       "hour": "2026-01-31T12:00:00.000Z",
         *       "messages": 120,
         *       "notifications": 14
         *     }
         */
        Hour: {
            /** @description When it began. */
            hour: string;
            /**
             * Format: int64
             * @description Messages of people.
             */
            messages: number;
            /**
             * Format: int64
             * @description Notifications that were accepted.
             */
            notifications: number;
        };
        /** @description How far an account is brought into the rooms of its tenant. */
        Joining: {
            /**
             * Format: int64
             * @description Rooms that are done.
             */
            done: number;
            /** @description `idle` when it was not asked for, `running`, `done`, or `failed` when it was given up. */
            state: string;
            /**
             * Format: int64
             * @description Of so many; 0 as long as that is not known.
             */
            total: number;
        };
        /** @description A conversation's newest message. */
        LastMessage: {
            /** @description Its text; empty when it was deleted. */
            content: string;
            /** @description When it was sent. */
            createdAt: string;
            /** @description Its id. */
            id: string;
            /** @description Who sent it. */
            senderId: string;
            /** @description What it is. */
            type: components["schemas"]["MessageType"];
        };
        /**
         * @description A link that needs no token, for a short time.
         * @example {
         *       "expires_at": "2026-01-31T12:10:00.000Z",
         *       "url": "/api/v1/media/hub.local/aBcDeF?exp=1769861400000&sig=Zm9v"
         *     }
         */
        Link: {
            /** @description Until when it works. */
            expires_at: string;
            /** @description A path of this service; with `/thumbnail` before the query it loads the smaller version. */
            url: string;
        };
        /**
         * @description A token with which a client signs in, once (contract R71).
         * @example {
         *       "expires_at": "2026-01-31T12:01:00.000Z",
         *       "login_token": "eyJ…",
         *       "redirect_to": "io.element:/callback?loginToken=eyJ…"
         *     }
         */
        LoginToken: {
            /** @description Until when it counts. */
            expires_at: string;
            /** @description What the client logs in with, as `m.login.token`. */
            login_token: string;
            /** @description Where the browser goes on: `redirect_url` with the token in its query. */
            redirect_to: string;
        };
        /**
         * @description Up to where it was read.
         * @example {
         *       "messageId": "$evt123"
         *     }
         */
        MarkConversationRead: {
            /** @description A message; the newest one when absent. */
            messageId?: string | null;
        };
        /**
         * @description Up to where it was read.
         * @example {
         *       "event_id": "$evt123"
         *     }
         */
        MarkRead: {
            /** @description A message; the newest one when absent. */
            event_id?: string | null;
        };
        /**
         * @description A person.
         * @example {
         *       "avatar_url": null,
         *       "display_name": "Administrator",
         *       "external_client_enabled": false,
         *       "family_name": null,
         *       "given_name": "Administrator",
         *       "hub_user_id": "admin",
         *       "matrix_user_id": "@admin:hub.local",
         *       "role": "admin",
         *       "tenant_id": 1
         *     }
         */
        Me: {
            /** @description An `https://` picture, when there is one. */
            avatar_url?: string | null;
            /** @description Shown name. */
            display_name: string;
            /** @description Whether Element and the like may sign in for this person. */
            external_client_enabled: boolean;
            /** @description Family name, when there is one. */
            family_name?: string | null;
            /** @description Given name, when there is one (contract R14). */
            given_name?: string | null;
            /** @description The token's `sub`. */
            hub_user_id: string;
            /** @description The Matrix account (contract A069). */
            matrix_user_id: string;
            /** @description The messenger's role, mapped from the hub's (contract A090). */
            role: components["schemas"]["Role"];
            /**
             * Format: int64
             * @description The tenant: an integer, or a string where it is none (contract R18).
             */
            tenant_id: number;
        };
        /**
         * @description A member of a room.
         * @example {
         *       "display_name": "Max Mueller",
         *       "hub_user_id": "mueller",
         *       "matrix_user_id": "@mueller:hub.local",
         *       "membership": "join",
         *       "power_level": 100,
         *       "role": "owner"
         *     }
         */
        Member: {
            /** @description Shown name. */
            display_name: string;
            /** @description Id. */
            hub_user_id: string;
            /** @description Matrix account. */
            matrix_user_id: string;
            /** @description `join`, or `invite` for somebody who was asked in by another Matrix client. */
            membership: components["schemas"]["Membership"];
            /**
             * Format: int64
             * @description Matrix power level.
             */
            power_level: number;
            /** @description `owner` (power level 100), `admin` (50) or `member` (contract R15). */
            role: string;
        };
        /** @enum {string} */
        Membership: "join" | "invite" | "leave" | "ban";
        /**
         * @description A message (contract R46).
         * @example {
         *       "body": "Hallo Welt!",
         *       "deleted": false,
         *       "edited": false,
         *       "edited_at": null,
         *       "event_id": "$evt123",
         *       "filename": null,
         *       "hub_user_id": "mueller",
         *       "mentions": [
         *         "schmidt"
         *       ],
         *       "mime_type": null,
         *       "msg_type": "m.text",
         *       "notification": null,
         *       "reactions": [
         *         {
         *           "count": 1,
         *           "emoji": "👍",
         *           "users": [
         *             {
         *               "display_name": "Anna Schmidt",
         *               "hub_user_id": "schmidt"
         *             }
         *           ]
         *         }
         *       ],
         *       "reply_to": null,
         *       "room_id": "!abc:hub.local",
         *       "sender": "@mueller:hub.local",
         *       "sender_display_name": "Max Mueller",
         *       "sent_at": "2026-01-31T12:00:00.123Z",
         *       "size": null,
         *       "timestamp": "2026-01-31T12:00:00",
         *       "url": null
         *     }
         */
        Message: {
            /** @description Text; empty when deleted. Of a file without a caption: its name. */
            body: string;
            /** @description What the sender's client called it. Only in the answer to sending it and in live events. */
            client_id?: string | null;
            /** @description Whether it was deleted (contract R60). */
            deleted: boolean;
            /** @description Whether it was changed after it was sent. */
            edited: boolean;
            /** @description When it was last changed. */
            edited_at?: string | null;
            /** @description Matrix event id. */
            event_id: string;
            /** @description Of a file: its name. */
            filename?: string | null;
            /** @description The sender's id. */
            hub_user_id: string;
            /** @description Ids of the people it mentions, also those that were mentioned in another Matrix client. */
            mentions: string[];
            /** @description Of a file: type of content. */
            mime_type?: string | null;
            /** @description Matrix `msgtype`. */
            msg_type: string;
            notification?: components["schemas"]["NotificationFields"] | null;
            /** @description Who reacted with what, oldest emoji first. */
            reactions: components["schemas"]["EmojiReactions"][];
            /** @description The event it answers. */
            reply_to?: string | null;
            /** @description The room. */
            room_id: string;
            /** @description Matrix id of the sender. */
            sender: string;
            /** @description The sender's shown name. */
            sender_display_name: string;
            /** @description When it was sent. */
            sent_at: string;
            /**
             * Format: int64
             * @description Of a file: bytes.
             */
            size?: number | null;
            /**
             * @description When it was sent: UTC without a zone, to the second.
             * @example 2026-01-31T12:00:00
             */
            timestamp: string;
            /** @description Of a file: where to load it, a path of this service. */
            url?: string | null;
        };
        /** @description Everybody who reacted to a message with one emoji. */
        MessageReactions: {
            /** @description How many people. */
            count: number;
            /** @description The emoji. */
            emoji: string;
            /** @description They, in the order they reacted. */
            userIds: string[];
        };
        /** @description Who sent a message, to show. */
        MessageSender: {
            /** @description Picture. */
            avatarUrl?: string | null;
            /** @description Shown name. */
            name: string;
        };
        /**
         * @description What a message is (contract R10).
         * @enum {string}
         */
        MessageType: "TEXT" | "ATTACHMENT" | "SYSTEM";
        /**
         * @description Who is to be in the conversation.
         * @example {
         *       "userId": "user_789"
         *     }
         */
        MessagingAddParticipant: {
            /** @description Their id. */
            userId: string;
        };
        /**
         * @description A reaction.
         * @example {
         *       "emoji": "👍"
         *     }
         */
        MessagingAddReaction: {
            /** @description Up to 64 bytes. */
            emoji: string;
        };
        /**
         * @description Whom to block.
         * @example {
         *       "reason": "Inappropriate behavior",
         *       "userId": "user_789"
         *     }
         */
        MessagingBlock: {
            /** @description Why, up to 1,000 characters; nobody else sees it. */
            reason?: string | null;
            /** @description Their id. */
            userId: string;
        };
        /**
         * @description What changes of a conversation.
         * @example {
         *       "title": "Follow-up"
         *     }
         */
        MessagingChangeConversation: {
            /** @description 1 to 255 characters. */
            title: string;
        };
        /**
         * @description A conversation.
         * @example {
         *       "_count": {
         *         "messages": 0
         *       },
         *       "createdAt": "2026-01-31T12:00:00.000Z",
         *       "id": "!abc:hub.local",
         *       "isActive": true,
         *       "lastMessageAt": null,
         *       "messages": [],
         *       "participants": [
         *         {
         *           "id": "part_0aF3kTq9xYb2LmPe",
         *           "isActive": true,
         *           "joinedAt": "2026-01-31T12:00:00.000Z",
         *           "role": "ADMIN",
         *           "user": {
         *             "avatarUrl": "https://img.example.org/john.png",
         *             "firstName": "John",
         *             "id": "user_123",
         *             "lastName": "Doe",
         *             "role": "client"
         *           },
         *           "userId": "user_123"
         *         }
         *       ],
         *       "title": "Therapy Session Discussion",
         *       "type": "DIRECT",
         *       "updatedAt": "2026-01-31T12:00:00.000Z"
         *     }
         */
        MessagingConversation: {
            /** @description How much there is of what. */
            _count: components["schemas"]["MessagingCount"];
            /** @description When it was made. */
            createdAt: string;
            /** @description Matrix room id: an opaque string. */
            id: string;
            /** @description False when an admin has archived it. */
            isActive: boolean;
            /** @description When something was said last; null before the first message. */
            lastMessageAt?: string | null;
            /** @description The newest message, if there is one. */
            messages: components["schemas"]["MessagingLastMessage"][];
            /** @description The caller and up to 99 others, by id. In a conversation of the whole organisation: those who have written there. */
            participants: components["schemas"]["MessagingParticipant"][];
            /** @description Its title. A direct conversation has the one that it was begun with, if any; with what is no person, that one's name. */
            title?: string | null;
            /** @description What it is. */
            type: components["schemas"]["MessagingConversationType"];
            /** @description When something was said last, or when it was made. */
            updatedAt: string;
        };
        /**
         * @description What a conversation is. General rooms and those of machines, projects and the like are groups here (contract R59).
         * @enum {string}
         */
        MessagingConversationType: "DIRECT" | "GROUP" | "SUPPORT" | "THERAPY";
        /** @description How much there is in a conversation. */
        MessagingCount: {
            /**
             * Format: int64
             * @description Messages ever sent; that somebody came or left is none (contract R58).
             */
            messages: number;
        };
        /**
         * @description The new text of a message.
         * @example {
         *       "content": "I'm feeling much better now."
         *     }
         */
        MessagingEditMessage: {
            /** @description 1 to 16,000 characters. */
            content: string;
        };
        /**
         * @description A message that a search found.
         * @example {
         *       "content": "Thank you for your support. I'm feeling much better.",
         *       "conversation": {
         *         "id": "!abc:hub.local",
         *         "title": null,
         *         "type": "DIRECT"
         *       },
         *       "createdAt": "2026-01-31T14:35:00.000Z",
         *       "id": "$evt790",
         *       "sender": {
         *         "avatarUrl": "https://img.example.org/john.png",
         *         "firstName": "John",
         *         "id": "user_123",
         *         "lastName": "Doe"
         *       }
         *     }
         */
        MessagingFound: {
            /** @description Its text. */
            content: string;
            /** @description Where it was said. */
            conversation: components["schemas"]["MessagingFoundIn"];
            /** @description When it was sent. */
            createdAt: string;
            /** @description Its id. */
            id: string;
            /** @description Who sent it. */
            sender: components["schemas"]["MessagingSender"];
        };
        /** @description The conversation that a search found something in. */
        MessagingFoundIn: {
            /** @description Its id. */
            id: string;
            /** @description Its title. */
            title?: string | null;
            /** @description What it is. */
            type: components["schemas"]["MessagingConversationType"];
        };
        /** @description A conversation's newest message. */
        MessagingLastMessage: {
            /** @description Its text; empty when it was deleted. */
            content: string;
            /** @description When it was sent. */
            createdAt: string;
            /** @description Its id. */
            id: string;
            /** @description What it is. */
            messageType: components["schemas"]["MessagingMessageType"];
            /** @description Who sent it. */
            sender: components["schemas"]["MessagingSender"];
        };
        /**
         * @description A message.
         * @example {
         *       "attachmentName": "therapy_worksheet.pdf",
         *       "attachmentSize": 524288,
         *       "attachmentUrl": "https://storage.example.com/file.pdf",
         *       "content": "Thank you for your support. I'm feeling much better.",
         *       "conversationId": "!abc:hub.local",
         *       "createdAt": "2026-01-31T14:35:00.000Z",
         *       "editedAt": null,
         *       "id": "$evt790",
         *       "isDeleted": false,
         *       "isEdited": false,
         *       "messageType": "TEXT",
         *       "position": 4711,
         *       "reactions": [
         *         {
         *           "createdAt": "2026-01-31T14:45:00.000Z",
         *           "emoji": "👍",
         *           "id": "$evt791",
         *           "user": {
         *             "firstName": "Jane",
         *             "id": "user_456",
         *             "lastName": "Smith"
         *           },
         *           "userId": "user_456"
         *         }
         *       ],
         *       "readReceipts": [
         *         {
         *           "id": "receipt_b7Qk2s0dFh1VnZxC",
         *           "readAt": "2026-01-31T14:36:00.000Z",
         *           "user": {
         *             "firstName": "Jane",
         *             "id": "user_456",
         *             "lastName": "Smith"
         *           },
         *           "userId": "user_456"
         *         }
         *       ],
         *       "replyTo": {
         *         "content": "Hello, how are you feeling today?",
         *         "id": "$evt789",
         *         "sender": {
         *           "firstName": "Jane",
         *           "id": "user_456",
         *           "lastName": "Smith"
         *         }
         *       },
         *       "replyToId": "$evt789",
         *       "sender": {
         *         "avatarUrl": "https://img.example.org/john.png",
         *         "firstName": "John",
         *         "id": "user_123",
         *         "lastName": "Doe"
         *       },
         *       "senderId": "user_123"
         *     }
         */
        MessagingMessage: {
            /** @description Its name. */
            attachmentName?: string | null;
            /**
             * Format: int64
             * @description Its size in bytes.
             */
            attachmentSize?: number | null;
            /** @description Where to load the attachment: a path of this service that needs the token, or the address that was posted. */
            attachmentUrl?: string | null;
            /** @description Its text; of a file without one, its name. Empty when it was deleted (contract R60). */
            content: string;
            /** @description The conversation. */
            conversationId: string;
            /** @description When it was sent. */
            createdAt: string;
            /** @description When it was last changed. */
            editedAt?: string | null;
            /** @description Matrix event id: an opaque string. */
            id: string;
            /** @description Whether it was deleted. */
            isDeleted: boolean;
            /** @description Whether its text was changed. */
            isEdited: boolean;
            /** @description What it is. */
            messageType: components["schemas"]["MessagingMessageType"];
            /**
             * Format: int64
             * @description Its place in the service's log of events: greater is later.
             */
            position: number;
            /** @description The reactions to it, oldest first. */
            reactions: components["schemas"]["MessagingMessageReaction"][];
            /** @description Who has read it, and when first; up to 100 people, never the sender. */
            readReceipts: components["schemas"]["MessagingReceipt"][];
            replyTo?: components["schemas"]["MessagingReplyTo"] | null;
            /** @description The message it answers. */
            replyToId?: string | null;
            /** @description Who sent it. */
            sender: components["schemas"]["MessagingSender"];
            /** @description Who sent it. */
            senderId: string;
        };
        /** @description A reaction to a message, in its list. */
        MessagingMessageReaction: {
            /** @description When. */
            createdAt: string;
            /** @description The emoji. */
            emoji: string;
            /** @description An opaque string. */
            id: string;
            /** @description Who reacted. */
            user: components["schemas"]["MessagingUser"];
            /** @description Who reacted. */
            userId: string;
        };
        /**
         * @description What a message is (contract C020, R10).
         * @enum {string}
         */
        MessagingMessageType: "TEXT" | "IMAGE" | "FILE" | "AUDIO" | "VIDEO" | "SYSTEM";
        /**
         * @description A new conversation.
         * @example {
         *       "participantIds": [
         *         "user_456"
         *       ],
         *       "title": "Therapy Session Discussion",
         *       "type": "DIRECT"
         *     }
         */
        MessagingNewConversation: {
            /**
             * @description Who is to be in it beside the caller, who may be named, too; up to 500. Of a direct conversation: exactly one. One with
             *     the support team needs nobody named: the service adds the team.
             */
            participantIds?: string[] | null;
            /**
             * @description 1 to 255 characters; by default a group has the names of its people, and a direct conversation none. What is there
             *     already keeps the title it has.
             */
            title?: string | null;
            type?: components["schemas"]["MessagingConversationType"] | null;
        };
        /**
         * @description A message to be sent.
         * @example {
         *       "attachmentName": "therapy_worksheet.pdf",
         *       "attachmentSize": 524288,
         *       "attachmentUrl": "https://storage.example.com/file.pdf",
         *       "content": "Thank you for your support. I'm feeling much better.",
         *       "messageType": "TEXT",
         *       "replyToId": "$evt789"
         *     }
         */
        MessagingNewMessage: {
            /** @description What to call the attachment, up to 255 characters; of an upload, its own name by default. */
            attachmentName?: string | null;
            /**
             * Format: int64
             * @description Size in bytes of what a foreign address leads to. An upload has its own.
             */
            attachmentSize?: number | null;
            /** @description The `url` that `POST /messaging/uploads` answered; or a foreign address, which is posted as a link. */
            attachmentUrl?: string | null;
            /** @description 1 to 16,000 characters. May be absent or empty with an attachment. */
            content?: string | null;
            messageType?: components["schemas"]["MessagingMessageType"] | null;
            /** @description The message it answers: one of the same conversation. */
            replyToId?: string | null;
        };
        /**
         * @description A person in a conversation.
         * @example {
         *       "id": "part_0aF3kTq9xYb2LmPe",
         *       "isActive": true,
         *       "joinedAt": "2026-01-31T12:00:00.000Z",
         *       "role": "MEMBER",
         *       "user": {
         *         "avatarUrl": "https://img.example.org/jane.png",
         *         "firstName": "Jane",
         *         "id": "user_456",
         *         "lastName": "Smith",
         *         "role": "therapist"
         *       },
         *       "userId": "user_456"
         *     }
         */
        MessagingParticipant: {
            /** @description An opaque string, the same in every answer. */
            id: string;
            /** @description False as long as an invitation made in another client was not taken up. */
            isActive: boolean;
            /** @description Since when they are in it. */
            joinedAt: string;
            /** @description What they are in this conversation. */
            role: components["schemas"]["MessagingParticipantRole"];
            /** @description They. */
            user: components["schemas"]["MessagingParticipantUser"];
            /** @description The person's id, the `sub` of their token. */
            userId: string;
        };
        /**
         * @description A participant's role in a conversation (contract C008, R15).
         * @enum {string}
         */
        MessagingParticipantRole: "ADMIN" | "MEMBER";
        /** @description A person in a conversation, to show. */
        MessagingParticipantUser: {
            /** @description Picture. */
            avatarUrl?: string | null;
            /** @description First name. */
            firstName: string;
            /** @description Their id. */
            id: string;
            /** @description Last name; empty when there is none. */
            lastName: string;
            /** @description Their role in the application, as their token says it, in lower case: `client`, `therapist`, … */
            role: string;
        };
        /**
         * @description A reaction by itself.
         * @example {
         *       "createdAt": "2026-01-31T14:45:00.000Z",
         *       "emoji": "👍",
         *       "id": "$evt791",
         *       "messageId": "$evt790",
         *       "user": {
         *         "firstName": "Jane",
         *         "id": "user_456",
         *         "lastName": "Smith"
         *       },
         *       "userId": "user_456"
         *     }
         */
        MessagingReaction: {
            /** @description When. */
            createdAt: string;
            /** @description The emoji. */
            emoji: string;
            /** @description An opaque string. */
            id: string;
            /** @description The message. */
            messageId: string;
            /** @description Who reacted. */
            user: components["schemas"]["MessagingUser"];
            /** @description Who reacted. */
            userId: string;
        };
        /** @description That somebody has read a message. */
        MessagingReceipt: {
            /** @description An opaque string, the same in every answer. */
            id: string;
            /** @description When they did so first. */
            readAt: string;
            /** @description Who read it. */
            user: components["schemas"]["MessagingUser"];
            /** @description Who read it. */
            userId: string;
        };
        /** @description The message that another one answers. */
        MessagingReplyTo: {
            /** @description Its text; empty when it was deleted. */
            content: string;
            /** @description Its id. */
            id: string;
            /** @description Who sent it. */
            sender: components["schemas"]["MessagingUser"];
        };
        /**
         * @description A rule of who may write to whom.
         * @example {
         *       "active": true,
         *       "id": "cross-org-managers",
         *       "invalid": null,
         *       "name": "Cross-org managers",
         *       "priority": 50,
         *       "require_approval": true,
         *       "source_roles": [
         *         "owner",
         *         "admin"
         *       ],
         *       "source_scope": "platform",
         *       "target_roles": [
         *         "owner",
         *         "admin"
         *       ],
         *       "target_scope": "platform"
         *     }
         */
        MessagingRule: {
            /** @description Whether it is switched on. */
            active: boolean;
            /** @description Its id. */
            id: string;
            /** @description Why it cannot be read and never matches; null when it can. */
            invalid?: string | null;
            /** @description Its name. */
            name: string;
            /**
             * Format: int64
             * @description The highest decides; of equal ones the first id.
             */
            priority?: number | null;
            /** @description Whether a contact request has to be accepted first. */
            require_approval: boolean;
            /**
             * @description With one of these roles: `owner`, `admin`, `member`, `support`, `platform_admin`; with none, anybody. Roles count in
             *     the tenant that both belong to when the scope is `tenant`, else anywhere.
             */
            source_roles: string[];
            /**
             * @description Who writes: `tenant` (both belong to one), `platform` (anybody), `support` (the support team). A word that is none of
             *     these stands here as it is in the table.
             */
            source_scope: string;
            /** @description As `source_roles`. */
            target_roles: string[];
            /** @description To whom: as `source_scope`. */
            target_scope: string;
        };
        /** @description Who sent a message. */
        MessagingSender: {
            /** @description Picture. */
            avatarUrl?: string | null;
            /** @description First name. */
            firstName: string;
            /** @description Their id. */
            id: string;
            /** @description Last name; empty when there is none. */
            lastName: string;
        };
        /** @description Who reacted, read, or is answered. */
        MessagingUser: {
            /** @description First name. */
            firstName: string;
            /** @description Their id. */
            id: string;
            /** @description Last name; empty when there is none. */
            lastName: string;
        };
        /**
         * @description A new contact request.
         * @example {
         *       "message": "Hallo, ich würde Sie gerne kontaktieren.",
         *       "toUserId": "user_3y"
         *     }
         */
        NewContactRequest: {
            /** @description What to say, up to 1,000 characters. */
            message?: string | null;
            /** @description Whom to ask. */
            toUserId: string;
        };
        /**
         * @description A new conversation.
         * @example {
         *       "description": "Diskussion zum Projekt",
         *       "name": "Projekt Alpha",
         *       "participantIds": [
         *         "user_2x",
         *         "user_3y"
         *       ],
         *       "type": "GROUP"
         *     }
         */
        NewConversation: {
            /** @description Of a group: up to 1,000 characters. */
            description?: string | null;
            /** @description Of a group: 1 to 255 characters; by default the names of its people. */
            name?: string | null;
            /**
             * @description Who is to be in it. Of a direct conversation: exactly one beside the caller, who may be named, too. A conversation
             *     with the support team needs nobody named: the service adds the team.
             */
            participantIds?: string[] | null;
            /** @description What it is to be. */
            type: components["schemas"]["ConversationType"];
        };
        /**
         * @description A message to be sent: over REST, and over a socket as `message:send`.
         * @example {
         *       "clientId": "3f6c2f7f-9a",
         *       "content": "Hallo!",
         *       "replyToId": "$evt122",
         *       "type": "TEXT"
         *     }
         */
        NewConversationMessage: {
            /** @description What to call the attachment; by default its name. */
            attachmentName?: string | null;
            /** @description Type of content of what a foreign address leads to. An upload has its own. */
            attachmentType?: string | null;
            /** @description The `url` that `POST /api/v1/uploads` answered; or a foreign address, which is posted as a link. */
            attachmentUrl?: string | null;
            /**
             * @description What the client calls the message: 1 to 64 of `A`-`Z`, `a`-`z`, `0`-`9`, `-`, `_`. A second one of this person in this
             *     conversation with the same name answers the message of the first and sends nothing.
             */
            clientId?: string | null;
            /** @description 1 to 16,000 characters. May be absent with an attachment. */
            content?: string | null;
            /** @description The conversation; only where the path does not name it. */
            conversationId?: string | null;
            /** @description The message it answers: one of the same conversation. */
            replyToId?: string | null;
            type?: components["schemas"]["MessageType"] | null;
        };
        /**
         * @description A device that is to get a password.
         * @example {
         *       "device_name": "My phone"
         *     }
         */
        NewExternalClient: {
            /** @description What the person calls it, up to 255 characters. */
            device_name?: string | null;
        };
        /**
         * @description Where a client that asks for a sign-in wants to go on.
         * @example {
         *       "redirect_url": "io.element:/callback?state=1"
         *     }
         */
        NewLoginToken: {
            /** @description The client's `redirectUrl`, up to 2,000 bytes: `http`, `https`, or the scheme of an application. */
            redirect_url: string;
        };
        /**
         * @description A new app password and all that is typed in with it (contract R70).
         * @example {
         *       "app_password": "abcd-efgh-jkmn-pqrs-tuvw",
         *       "ca_url": "https://hub.example:8448/ca.pem",
         *       "clients": {
         *         "element": {
         *           "homeserver_url": "https://hub.example:8448",
         *           "note": "…",
         *           "user": "@mueller:hub.local"
         *         },
         *         "fluffychat": {
         *           "homeserver_url": "http://hub.example:8008",
         *           "note": "…",
         *           "user": "@mueller:hub.local"
         *         }
         *       },
         *       "device_name": "My phone",
         *       "homeserver_url": "https://hub.example:8448",
         *       "matrix_user_id": "@mueller:hub.local",
         *       "plain_homeserver_url": "http://hub.example:8008",
         *       "qr": "https://hub.example:8448/connect#server=https%3A%2F%2Fhub%2Eexample%3A8448&user=%40mueller%3Ahub%2Elocal&password=abcd%2Defgh%2Djkmn%2Dpqrs%2Dtuvw"
         *     }
         */
        NewPassword: {
            /** @description The password, for one device. It is shown this once. */
            app_password: string;
            /** @description The certificate authority that a device has to trust; null when the certificate is not of the service's own making. */
            ca_url?: string | null;
            /** @description What to type into which client. */
            clients: components["schemas"]["Clients"];
            /** @description What the device is called. */
            device_name: string;
            /** @description The homeserver as it is typed into a client. */
            homeserver_url: string;
            /** @description The Matrix account. */
            matrix_user_id: string;
            /** @description The same without TLS; null when that is off. */
            plain_homeserver_url?: string | null;
            /**
             * @description What a QR code shows a phone's camera: a page with all of this, which is in the address behind `#` and so never
             *     leaves the phone.
             */
            qr: string;
        };
        /**
         * @description What kinds of rooms one makes with a name.
         * @enum {string}
         */
        NewRoomType: "group" | "support";
        /**
         * @description A notification (contract A034).
         * @example {
         *       "attempts": 1,
         *       "body": "Maschine CNC-01 hat einen Fehler gemeldet.",
         *       "created_at": "2026-01-31T12:00:00",
         *       "entity_id": null,
         *       "entity_key": null,
         *       "entity_type": null,
         *       "event_type": "notification",
         *       "id": 42,
         *       "matrix_event_id": "$evt456",
         *       "matrix_room_id": "!abc123:hub.local",
         *       "priority": "normal",
         *       "reason": null,
         *       "sent_at": "2026-01-31T12:00:00.180Z",
         *       "source_app": "fertigungs-app",
         *       "status": "sent",
         *       "target_type": "general",
         *       "target_user": null,
         *       "tenant_id": 1,
         *       "title": "Maschine gestoppt"
         *     }
         */
        Notification: {
            /**
             * Format: int64
             * @description Deliveries begun.
             */
            attempts: number;
            /** @description Text. */
            body?: string | null;
            /** @description When it was accepted: UTC without a zone, to the second. */
            created_at: string;
            /**
             * Format: int64
             * @description Of an entity room, when it is an integer.
             */
            entity_id?: number | null;
            /** @description Of an entity room, as text. */
            entity_key?: string | null;
            /** @description Of an entity room. */
            entity_type?: string | null;
            /** @description Free text. */
            event_type: string;
            /**
             * Format: int64
             * @description Its id.
             */
            id: number;
            /** @description As which event; null until then. */
            matrix_event_id?: string | null;
            /** @description Where it was delivered; null until then. */
            matrix_room_id?: string | null;
            /** @description Loudness. */
            priority: components["schemas"]["Priority"];
            /** @description Why it waits or failed, a stable word such as `user_unknown` (contract R21). */
            reason?: string | null;
            /** @description When it was delivered. */
            sent_at?: string | null;
            /** @description The sending application. */
            source_app: string;
            /** @description How far it has come. */
            status: components["schemas"]["NotificationStatus"];
            /** @description Where it goes. */
            target_type: components["schemas"]["TargetType"];
            /** @description Of a direct message. */
            target_user?: string | null;
            /**
             * Format: int64
             * @description The tenant: an integer, or a string where it is none.
             */
            tenant_id: number;
            /** @description Title. */
            title: string;
        };
        /** @description The structured fields of a notification within a message. */
        NotificationFields: {
            /** @description Text. */
            body?: string | null;
            /** @description Free text. */
            event_type: string;
            /**
             * Format: int64
             * @description The notification's id.
             */
            id: number;
            /** @description Loudness. */
            priority: components["schemas"]["Priority"];
            /** @description The sending application. */
            source_app: string;
            /** @description Title. */
            title: string;
        };
        /** @enum {string} */
        NotificationStatus: "queued" | "sent" | "failed" | "cancelled";
        OneCheck: {
            /**
             * Format: int64
             * @description Milliseconds.
             */
            latency: number;
            /** @description What is wrong. */
            note?: string | null;
            /** @description `healthy` or `unhealthy`. */
            status: string;
        };
        /** @description Notifications on their way. */
        Outbox: {
            /**
             * Format: int64
             * @description Given up.
             */
            failed: number;
            /** @description Since when the oldest one waits that waits for no person. */
            oldest?: string | null;
            /**
             * Format: int64
             * @description Waiting.
             */
            queued: number;
        };
        /** @description The service at a glance: of the admin's tenant, or of all for super admins. */
        Overview: {
            /**
             * Format: int64
             * @description Devices of external clients that are signed in.
             */
            external_sessions: number;
            /** @description How the parts are, as `GET /api/v1/health/detailed` tells. */
            health: components["schemas"]["OverviewHealth"];
            /** @description The last 48 hours, the current one included, oldest first. */
            hourly: components["schemas"]["Hour"][];
            /**
             * Format: int64
             * @description Id of the newest event.
             */
            log_head: number;
            /**
             * Format: int64
             * @description Notifications that were given up.
             */
            notifications_failed: number;
            /**
             * Format: int64
             * @description Notifications that wait.
             */
            notifications_queued: number;
            /** @description The same three together. */
            outbox: components["schemas"]["Outbox"];
            /** @description Since when the oldest one waits that waits for no person. */
            outbox_oldest?: string | null;
            /**
             * Format: int64
             * @description People who were here.
             */
            people: number;
            /**
             * Format: int64
             * @description How many replicas there are; null without `REDIS_URL`.
             */
            replicas?: number | null;
            /**
             * Format: int64
             * @description Rooms in use.
             */
            rooms: number;
            /** @description Open streams of this replica. */
            streams: number;
            /** @description The service's version. */
            version: string;
            /** @description What runs here. */
            versions: components["schemas"]["Versions"];
        };
        /** @description How the parts are. */
        OverviewHealth: {
            /** @description Part by part. */
            checks: components["schemas"]["Checks"];
            /** @description `healthy`, or `degraded` when something is away. */
            status: string;
        };
        /**
         * @description A person in a conversation.
         * @example {
         *       "avatarUrl": "https://img.example.org/max.png",
         *       "isOnline": true,
         *       "lastSeenAt": "2026-01-31T12:00:00.000Z",
         *       "name": "Max Mustermann",
         *       "role": "MEMBER",
         *       "tenantId": "org_2x",
         *       "userId": "user_2x"
         *     }
         */
        Participant: {
            /** @description Picture. */
            avatarUrl?: string | null;
            /** @description Whether they are here now. */
            isOnline: boolean;
            /** @description When they were last here, to a minute. */
            lastSeenAt: string;
            /** @description Shown name. */
            name: string;
            /** @description What they are in this conversation. */
            role: components["schemas"]["ParticipantRole"];
            /** @description The organisation they are of. */
            tenantId: string;
            /** @description Their id, the `sub` of their token. */
            userId: string;
        };
        /** @description A participant by themselves. */
        ParticipantAnswer: {
            /** @description The participant. */
            participant: components["schemas"]["Participant"];
        };
        /**
         * @description A participant's role in a conversation: power level 100, 50 or less (contract R15).
         * @enum {string}
         */
        ParticipantRole: "OWNER" | "ADMIN" | "MEMBER";
        /** @description A page of participants. */
        Participants: {
            /** @description What to pass as `cursor` for the next page; null at the end. */
            nextCursor?: string | null;
            /** @description The page. */
            participants: components["schemas"]["Participant"][];
        };
        /** @description The other person of a direct room. */
        Peer: {
            /** @description Shown name. */
            display_name: string;
            /** @description Id. */
            hub_user_id: string;
            /** @description Whether they are here. */
            presence: components["schemas"]["Presence"];
        };
        /** @enum {string} */
        Presence: "online" | "unavailable" | "offline";
        /**
         * @description A person who is here.
         * @example {
         *       "hub_user_id": "schmidt",
         *       "last_seen": "2026-01-31T12:00:00.123Z",
         *       "presence": "online"
         *     }
         */
        Present: {
            /** @description Who. */
            hub_user_id: string;
            /** @description When they were last here; of who is connected: now. */
            last_seen: string;
            /** @description `online`, or `unavailable` when they are busy with something else. */
            presence: components["schemas"]["Presence"];
        };
        /** @enum {string} */
        Priority: "normal" | "urgent";
        /** @description The answer of a probe. */
        Probe: {
            /** @description `live`, `ready` or `not_ready`. */
            status: string;
        };
        /**
         * @description A reaction.
         * @example {
         *       "created_at": "2026-01-31T12:00:00.123Z",
         *       "display_name": "Anna Schmidt",
         *       "emoji": "👍",
         *       "event_id": "$reaction1",
         *       "hub_user_id": "schmidt",
         *       "message_event_id": "$evt123"
         *     }
         */
        Reaction: {
            /** @description When. */
            created_at: string;
            /** @description Their shown name. */
            display_name: string;
            /** @description The emoji. */
            emoji: string;
            /** @description The reaction's own Matrix event. */
            event_id: string;
            /** @description Who reacted. */
            hub_user_id: string;
            /** @description The message. */
            message_event_id: string;
        };
        /**
         * @description How far a person has read in a room.
         * @example {
         *       "display_name": "Anna Schmidt",
         *       "event_id": "$evt123",
         *       "hub_user_id": "schmidt",
         *       "read_at": "2026-01-31T12:00:00.123Z"
         *     }
         */
        Reader: {
            /** @description Shown name. */
            display_name: string;
            /** @description The message. */
            event_id: string;
            /** @description Who. */
            hub_user_id: string;
            /** @description When. */
            read_at: string;
        };
        RedisCheck: components["schemas"]["OneCheck"] & {
            /** @description `redis`, or `embedded` without `REDIS_URL`. */
            mode: string;
        };
        /** @description Where the log is read from. */
        Replayed: {
            /**
             * Format: int64
             * @description What comes after this position is delivered again.
             */
            from_position: number;
        };
        /**
         * @description From when on.
         * @example {
         *       "since": "2026-01-31T12:00:00Z"
         *     }
         */
        ReplayWebhook: {
            /** @description A time (`2026-01-31T12:00:00Z`) or a day (`2026-01-31`). What is older than the event log is passed over. */
            since: string;
        };
        /**
         * @description How far a contact request has come.
         * @enum {string}
         */
        RequestStatus: "PENDING" | "ACCEPTED" | "DECLINED" | "EXPIRED" | "CANCELLED";
        /**
         * @description The answer to a contact request.
         * @example {
         *       "action": "accept"
         *     }
         */
        Respond: {
            /** @description `accept` or `decline`. */
            action: components["schemas"]["Action"];
        };
        /** @description A contact request that was answered. */
        Responded: {
            /** @description The request. */
            contactRequest: components["schemas"]["ContactRequest"];
            /** @description Always true. */
            success: boolean;
        };
        /** @enum {string} */
        Role: "viewer" | "user" | "admin";
        /**
         * @description A room (contract R46).
         * @example {
         *       "can_manage": false,
         *       "can_write": true,
         *       "created_at": "2026-01-31T12:00:00.000Z",
         *       "created_by": "mueller",
         *       "entity_id": null,
         *       "entity_key": null,
         *       "entity_type": null,
         *       "last_message": null,
         *       "last_read_event_id": "$evt121",
         *       "members": null,
         *       "message_count": 17,
         *       "name": "Projekt Alpha",
         *       "peer": null,
         *       "room_id": "!abc:hub.local",
         *       "room_type": "group",
         *       "tenant_id": 1,
         *       "topic": "Diskussion zum Projekt",
         *       "unread_count": 2,
         *       "urgent_unread": false
         *     }
         */
        Room: {
            /** @description Whether the caller may rename the room and take people out. Nobody does so in a direct room. */
            can_manage: boolean;
            /** @description Whether the caller may write here. */
            can_write: boolean;
            /** @description When. */
            created_at: string;
            /** @description Who made it. */
            created_by: string;
            /**
             * Format: int64
             * @description Of an entity room whose id is an integer.
             */
            entity_id?: number | null;
            /** @description Of an entity room: its id as text, whatever it looks like (contract R20). */
            entity_key?: string | null;
            /** @description Of an entity room: `machine`, `project`, … */
            entity_type?: string | null;
            last_message?: components["schemas"]["Message"] | null;
            /** @description The message up to which the caller has read; null before the first time. */
            last_read_event_id?: string | null;
            /**
             * @description The first hundred members. In the list of rooms only direct rooms have them (both people), others have null:
             *     `GET /api/v1/rooms/{room_id}` has them all.
             */
            members?: components["schemas"]["Member"][] | null;
            /**
             * Format: int64
             * @description Messages ever sent here.
             */
            message_count: number;
            /** @description Name; of a direct room, the other person's. */
            name?: string | null;
            peer?: components["schemas"]["Peer"] | null;
            /** @description Matrix room id. */
            room_id: string;
            /** @description What it is for. */
            room_type: components["schemas"]["RoomKind"];
            /**
             * Format: int64
             * @description Whose room it is: an integer, or a string where it is none.
             */
            tenant_id: number;
            /** @description Topic. */
            topic?: string | null;
            /**
             * Format: int64
             * @description Messages of others that the caller has not read.
             */
            unread_count: number;
            /** @description Whether an urgent notification is among the messages that the caller has not read. */
            urgent_unread: boolean;
        };
        /** @enum {string} */
        RoomKind: "general" | "dm" | "group" | "entity" | "support" | "therapy";
        /**
         * @description What a rule says. Of a change, what is not given stays.
         * @example {
         *       "name": "Admins write to members",
         *       "priority": 60,
         *       "require_approval": true,
         *       "source_roles": [
         *         "admin"
         *       ],
         *       "source_scope": "platform",
         *       "target_roles": [
         *         "member"
         *       ],
         *       "target_scope": "platform"
         *     }
         */
        RuleInput: {
            /** @description Whether it is switched on; by default it is. */
            active?: boolean | null;
            /** @description Of a new rule: its id, up to 64 letters, digits, `-`, `_` and `.`; made of the name when it is left out. */
            id?: string | null;
            /** @description Its name, up to 128 characters; a new rule needs one. */
            name?: string | null;
            /**
             * Format: int64
             * @description The highest decides; by default 0.
             */
            priority?: number | null;
            /** @description Whether a contact request has to be accepted first; by default not. */
            require_approval?: boolean | null;
            /** @description `owner`, `admin`, `member`, `support`, `platform_admin`; none, the default, is anybody. */
            source_roles?: string[] | null;
            /** @description `tenant`, `platform` or `support`; a new rule needs one. */
            source_scope?: string | null;
            /** @description As `source_roles`. */
            target_roles?: string[] | null;
            /** @description As `source_scope`. */
            target_scope?: string | null;
        };
        /** @description A person as the rules see them. */
        RuleParty: {
            /** @description Shown name. */
            display_name: string;
            /** @description The person's id. */
            hub_user_id: string;
            /** @description What they are anywhere. */
            roles: string[];
            /** @description The tenants they belong to: integers, or strings where they are none. */
            tenants: number[];
        };
        /** @description What one rule says. */
        RuleStep: {
            /** @description What is wrong with a rule that is `unreadable`, in English; else null. */
            invalid?: string | null;
            /** @description Whether it is about the two. */
            matches: boolean;
            /** @description Its name. */
            name: string;
            /**
             * Format: int64
             * @description Its priority.
             */
            priority: number;
            /** @description The rule. */
            rule: string;
            /** @description Why, in English. */
            why: string;
            /**
             * @description The same as a stable word: `allows`, `asks` (for an accepted contact request), `off`, `unreadable`, `none_in_common` (no
             *     organisation), `sender_not_in_support`, `receiver_not_in_support`, `sender_lacks_role`, `receiver_lacks_role`, and
             *     `sender_lacks_role_in_common`, `receiver_lacks_role_in_common` where only an organisation of both counts.
             */
            why_code: string;
            /** @description The roles of which the sender or the receiver has none. */
            why_roles: string[];
        };
        /**
         * @description What the rules say to a message from one person to another.
         * @example {
         *       "from": {
         *         "display_name": "Max Mueller",
         *         "hub_user_id": "mueller",
         *         "roles": [
         *           "admin",
         *           "member"
         *         ],
         *         "tenants": [
         *           1
         *         ]
         *       },
         *       "reason": "Contact request required",
         *       "reason_code": "approval_required",
         *       "rule": "cross-org-managers",
         *       "steps": [
         *         {
         *           "invalid": null,
         *           "matches": false,
         *           "name": "Team-internal",
         *           "priority": 100,
         *           "rule": "team-internal",
         *           "why": "they belong to no common organisation",
         *           "why_code": "none_in_common",
         *           "why_roles": []
         *         },
         *         {
         *           "invalid": null,
         *           "matches": true,
         *           "name": "Cross-org managers",
         *           "priority": 50,
         *           "rule": "cross-org-managers",
         *           "why": "it is about them and asks for an accepted contact request",
         *           "why_code": "asks",
         *           "why_roles": []
         *         }
         *       ],
         *       "to": {
         *         "display_name": "Anna Schmidt",
         *         "hub_user_id": "schmidt",
         *         "roles": [
         *           "owner",
         *           "admin",
         *           "member"
         *         ],
         *         "tenants": [
         *           2
         *         ]
         *       },
         *       "verdict": "needs_approval"
         *     }
         */
        RuleTestAnswer: {
            /** @description Who wants to write. */
            from: components["schemas"]["RuleParty"];
            /** @description The verdict in words, in English, for the one who wants to write. */
            reason: string;
            /**
             * @description The same as a stable word: `allowed`, `contact`, `approval_required`, `denied`, `blocked_by_you` (who wants to write has
             *     blocked the other) or `blocked` (the other way round).
             */
            reason_code: string;
            /** @description The first rule that matches; null when none does. */
            rule?: string | null;
            /** @description What each rule says, in the order in which they decide: the first that matches does. */
            steps: components["schemas"]["RuleStep"][];
            /** @description To whom. */
            to: components["schemas"]["RuleParty"];
            /** @description `allowed`, `contact` (an accepted request, whatever the rules say), `needs_approval`, `denied` or `blocked`. */
            verdict: string;
        };
        /**
         * @description A new broadcast.
         * @example {
         *       "body": "Von 8 bis 10 Uhr ist der Messenger nicht erreichbar.",
         *       "tenants": [
         *         1,
         *         "org_2x"
         *       ],
         *       "title": "Wartung am Sonntag"
         *     }
         */
        SendBroadcast: {
            /** @description Up to 16,000 characters. */
            body: string;
            /** @description The tenants it goes to, integers or strings; all that have people when it is left out. */
            tenants?: number[] | null;
            /** @description Up to 200 characters. */
            title: string;
        };
        /**
         * @description A new message.
         * @example {
         *       "body": "Hallo Welt!",
         *       "client_id": "3f6c2f7f-9a",
         *       "mentions": [
         *         "schmidt"
         *       ],
         *       "msg_type": "m.text",
         *       "room_id": "!abc:hub.local"
         *     }
         */
        SendMessage: {
            /** @description 1 to 16,000 characters. */
            body: string;
            /**
             * @description What the client calls the message: 1 to 64 of `A`-`Z`, `a`-`z`, `0`-`9`, `-`, `_`. A second request of this person
             *     in this room with the same one answers the message of the first and sends nothing.
             */
            client_id?: string | null;
            /** @description Ids of the people it mentions, up to 50. Who may not see the room is left out. */
            mentions?: string[] | null;
            /** @description `m.text` by default, `m.emote`; `m.notice` for admins. */
            msg_type?: string | null;
            /** @description The message it answers. */
            reply_to?: string | null;
            /** @description The room. */
            room_id: string;
        };
        /**
         * @description A notification.
         * @example {
         *       "body": "Maschine CNC-01 hat einen Fehler gemeldet.",
         *       "entity_id": null,
         *       "entity_type": null,
         *       "event_type": "notification",
         *       "priority": "normal",
         *       "source_app": "fertigungs-app",
         *       "target_type": "general",
         *       "target_user": null,
         *       "title": "Maschine gestoppt"
         *     }
         */
        SendNotification: {
            /** @description Up to 16,000 characters. */
            body?: string | null;
            /**
             * Format: int64
             * @description For `entity_room`: an integer, also as a string of digits.
             */
            entity_id?: number | null;
            /** @description For `entity_room`, instead of `entity_id`: an id that is no integer. */
            entity_key?: string | null;
            /** @description For `entity_room`: `machine`, `project`, … */
            entity_type?: string | null;
            /** @description Free text, up to 128 characters: `notification`, `entity_event`, `dm_notification`, … */
            event_type: string;
            priority?: components["schemas"]["Priority"] | null;
            /** @description The sending application, up to 128 characters. */
            source_app: string;
            target_type?: components["schemas"]["TargetType"] | null;
            /** @description For `dm`: a person's id. They need not have been here yet. */
            target_user?: string | null;
            /**
             * Format: int64
             * @description Whose it is, when the token is bound to no tenant: an integer or a string.
             */
            tenant_id?: number | null;
            /** @description Up to 200 characters. */
            title: string;
        };
        /**
         * @description A broadcast that was accepted.
         * @example {
         *       "id": "019c7f3a2b4c5Xy_12a",
         *       "rooms": 12
         *     }
         */
        SentBroadcast: {
            /** @description Its id. */
            id: string;
            /**
             * Format: int64
             * @description The rooms that it goes to.
             */
            rooms: number;
        };
        /**
         * @description A service token, without the token itself.
         * @example {
         *       "created_at": "2026-01-31T12:00:00.000Z",
         *       "created_by": "admin",
         *       "id": "0198c1",
         *       "last_used_at": null,
         *       "name": "fertigungs-app",
         *       "revoked_at": null,
         *       "tenant_id": 1
         *     }
         */
        ServiceToken: {
            /** @description When. */
            created_at: string;
            /** @description Who made it. */
            created_by: string;
            /** @description Id. */
            id: string;
            /** @description When it was last used, to a minute. */
            last_used_at?: string | null;
            /** @description What it is for. */
            name: string;
            /** @description When it was revoked. */
            revoked_at?: string | null;
            /**
             * Format: int64
             * @description The tenant it is bound to; null: its notifications name one.
             */
            tenant_id?: number | null;
            /** @description The token itself: only in the answer that makes it. */
            token?: string | null;
        };
        /**
         * @description Whether one types.
         * @example {
         *       "isTyping": true
         *     }
         */
        SetConversationTyping: {
            /** @description True now and again while typing; false at the end. It ends by itself. */
            isTyping: boolean;
        };
        /**
         * @description Whether one types.
         * @example {
         *       "typing": true
         *     }
         */
        SetTyping: {
            /** @description True now and again while typing; false at the end. It ends by itself. */
            typing: boolean;
        };
        /** @description That it was done. */
        Success: {
            /** @description Always true. */
            success: boolean;
        };
        /** @enum {string} */
        TargetType: "general" | "entity_room" | "dm";
        /**
         * @description Two people.
         * @example {
         *       "from": "mueller",
         *       "to": "schmidt"
         *     }
         */
        TestInput: {
            /** @description Who wants to write. */
            from: string;
            /** @description To whom. */
            to: string;
        };
        /**
         * @description Opens one stream, so that no token has to stand in its URL.
         * @example {
         *       "expires_at": "2026-01-31T12:01:00.000Z",
         *       "ticket": "eyJhbGciOi…"
         *     }
         */
        Ticket: {
            /** @description Until when it opens a stream. The stream then lives as long as the token that asked for it. */
            expires_at: string;
            /** @description To be used as `token`, once. */
            ticket: string;
        };
        /** @description How much is unread. */
        UnreadCount: {
            /**
             * Format: int64
             * @description Messages of others that the caller has not read, in all conversations.
             */
            unreadCount: number;
        };
        /**
         * @description What admins can change of a person. Name, role and tenant follow the person's token.
         * @example {
         *       "note": "Shift 2, hall 4"
         *     }
         */
        UpdateUser: {
            /** @description For admins only, up to 1,000 characters; an empty one is none. */
            note?: string | null;
        };
        /**
         * @description What changes of a webhook; what is not given stays.
         * @example {
         *       "active": true
         *     }
         */
        UpdateWebhook: {
            /** @description Whether it is told at all. Switched on again, it goes on where it stopped. */
            active?: boolean | null;
            /** @description What it is for. */
            description?: string | null;
            /** @description What it is told from now on. */
            events?: string[] | null;
            /** @description Where it is. */
            url?: string | null;
        };
        /**
         * @description An uploaded file.
         * @example {
         *       "mxc": "mxc://hub.local/aBcDeF",
         *       "name": "plan.pdf",
         *       "size": 48213,
         *       "type": "application/pdf",
         *       "url": "/api/v1/media/hub.local/aBcDeF"
         *     }
         */
        UploadedFile: {
            /** @description Its Matrix URI. */
            mxc: string;
            /** @description Its name. */
            name?: string | null;
            /**
             * Format: int64
             * @description Bytes.
             */
            size: number;
            /** @description Type of content. */
            type: string;
            /** @description Where to load it, a path of this service. */
            url: string;
        };
        /** @description A file. */
        UploadFile: {
            /**
             * Format: binary
             * @description The file, up to `MAX_UPLOAD_BYTES` (20 MiB by default).
             */
            file: string;
        };
        /** @description A file for a room. */
        UploadMessage: {
            /** @description A caption, up to 16,000 characters. */
            body?: string | null;
            /**
             * @description What the client calls the message: 1 to 64 of `A`-`Z`, `a`-`z`, `0`-`9`, `-`, `_`. A second request of this person
             *     in this room with the same one answers the message of the first and posts nothing; best before the file.
             */
            client_id?: string | null;
            /**
             * Format: binary
             * @description The file, up to `MAX_UPLOAD_BYTES` (20 MiB by default).
             */
            file: string;
            /** @description The room. Best before the file: then nothing is uploaded in vain. */
            room_id: string;
        };
        /**
         * @description A person as others see them.
         * @example {
         *       "display_name": "Max Mueller",
         *       "hub_user_id": "mueller"
         *     }
         */
        User: {
            /** @description Shown name. */
            display_name: string;
            /** @description Id. */
            hub_user_id: string;
        };
        /**
         * @description What runs here.
         * @example {
         *       "database": "SQLite 3.50.2",
         *       "homeserver": "Synapse 1.135.0",
         *       "service": "0.1.0"
         *     }
         */
        Versions: {
            /** @description The database. */
            database: string;
            /** @description The homeserver; null when it does not tell. */
            homeserver?: string | null;
            /** @description The service. */
            service: string;
        };
        /**
         * @description An endpoint of another service, and what it is told.
         * @example {
         *       "active": true,
         *       "created_at": "2026-01-31T12:00:00.000Z",
         *       "created_by": "mueller",
         *       "dead": 0,
         *       "delivered": 1204,
         *       "description": "CRM",
         *       "events": [
         *         "message.sent",
         *         "message.read"
         *       ],
         *       "id": "019c0e8b5a7bQx3_aZ",
         *       "last_delivery_at": "2026-01-31T12:34:56.789Z",
         *       "last_status": 200,
         *       "note": null,
         *       "off_reason": null,
         *       "queued": 0,
         *       "tenant_id": 1,
         *       "url": "https://crm.example.org/hooks/messenger"
         *     }
         */
        Webhook: {
            /** @description Whether it is told at all. */
            active: boolean;
            /** @description When. */
            created_at: string;
            /** @description Who made it. */
            created_by: string;
            /**
             * Format: int64
             * @description Deliveries that were given up and can be retried.
             */
            dead: number;
            /**
             * Format: int64
             * @description Deliveries that arrived, ever.
             */
            delivered: number;
            /** @description What it is for. */
            description: string;
            /** @description What it is told: `conversation.created`, `message.sent`, `message.read`. */
            events: string[];
            /** @description Its id. */
            id: string;
            /** @description When a delivery was last tried. */
            last_delivery_at?: string | null;
            /**
             * Format: int64
             * @description The HTTP status of the last answer; null when there was none.
             */
            last_status?: number | null;
            /** @description What it missed, of one that is on: it was behind what the log keeps. */
            note?: string | null;
            /** @description Why the service switched it off; null when it is on, or an admin switched it off. */
            off_reason?: string | null;
            /**
             * Format: int64
             * @description Deliveries that wait, up to 10,000; of more, the rest waits in the log.
             */
            queued: number;
            /** @description What deliveries are signed with (Standard Webhooks): only in the answer that makes the webhook. */
            secret?: string | null;
            /**
             * Format: int64
             * @description Whose events it is told of; null: of all tenants'.
             */
            tenant_id?: number | null;
            /** @description Where it is. */
            url: string;
        };
        /**
         * @description An event on its way to a webhook. Of a message's text it tells the length only (contract R36).
         * @example {
         *       "attempts": 1,
         *       "created_at": "2026-01-31T12:00:00.123Z",
         *       "delivered_at": null,
         *       "error": "answered 503",
         *       "event": {
         *         "data": {
         *           "contentLength": 12,
         *           "conversationId": "!abc:hub.local",
         *           "messageId": "$evt123",
         *           "messageType": "text",
         *           "recipientIds": [
         *             "schmidt"
         *           ],
         *           "senderId": "mueller",
         *           "sentAt": "2026-01-31T12:00:00.100Z"
         *         },
         *         "id": "evt_0f3c9a1b2d4e5f60718293a4b5c6d7e8",
         *         "timestamp": "2026-01-31T12:00:00.100Z",
         *         "type": "message.sent"
         *       },
         *       "id": 4711,
         *       "next_attempt_at": "2026-01-31T12:00:05.312Z",
         *       "response_status": 503,
         *       "status": "queued",
         *       "type": "message.sent"
         *     }
         */
        WebhookDelivery: {
            /**
             * Format: int64
             * @description How often it was tried.
             */
            attempts: number;
            /** @description When it was accepted for delivery. */
            created_at: string;
            /** @description When it arrived. */
            delivered_at?: string | null;
            /** @description Why it failed the last time. */
            error?: string | null;
            /** @description What is sent, with the header `webhook-id` as `id` and `contentLength` in place of a message's text. */
            event: {
                [key: string]: unknown;
            };
            /**
             * Format: int64
             * @description Its id.
             */
            id: number;
            /** @description When it is tried next; null when it is over. */
            next_attempt_at?: string | null;
            /**
             * Format: int64
             * @description The HTTP status of the last answer; null when there was none.
             */
            response_status?: number | null;
            /** @description `queued`, `delivered` or `dead`. */
            status: components["schemas"]["DeliveryStatus"];
            /** @description What happened. */
            type: string;
        };
        /**
         * @description What is open at this replica: for people of the caller's tenant, and for everybody where super admins ask.
         * @example {
         *       "connections": 3,
         *       "namespaces": {
         *         "/": 2,
         *         "/messaging": 1
         *       },
         *       "rooms": 1,
         *       "streams": 1,
         *       "users": 2
         *     }
         */
        WebsocketStats: {
            /** @description Socket.IO connections that are let in. */
            connections: number;
            /** @description Sockets by namespace; one connection may have a socket in each. */
            namespaces: {
                [key: string]: number;
            };
            /** @description Conversations that sockets of `/messaging` have joined. */
            rooms: number;
            /** @description Event streams. */
            streams: number;
            /** @description The people they are of. */
            users: number;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type Action = components['schemas']['Action'];
export type Actor = components['schemas']['Actor'];
export type AddMember = components['schemas']['AddMember'];
export type AddParticipant = components['schemas']['AddParticipant'];
export type AddReaction = components['schemas']['AddReaction'];
export type AdminRoom = components['schemas']['AdminRoom'];
export type AdminRoomWithMembers = components['schemas']['AdminRoomWithMembers'];
export type AdminUser = components['schemas']['AdminUser'];
export type AskingUser = components['schemas']['AskingUser'];
export type Blocked = components['schemas']['Blocked'];
export type BlockedUsers = components['schemas']['BlockedUsers'];
export type BlockUser = components['schemas']['BlockUser'];
export type CanMessageAnswer = components['schemas']['CanMessageAnswer'];
export type ChangeConversation = components['schemas']['ChangeConversation'];
export type ChangeRoom = components['schemas']['ChangeRoom'];
export type Checks = components['schemas']['Checks'];
export type ClientHint = components['schemas']['ClientHint'];
export type Clients = components['schemas']['Clients'];
export type Colleague = components['schemas']['Colleague'];
export type ContactRequest = components['schemas']['ContactRequest'];
export type ContactRequestAnswer = components['schemas']['ContactRequestAnswer'];
export type ContactRequests = components['schemas']['ContactRequests'];
export type ContactUser = components['schemas']['ContactUser'];
export type Conversation = components['schemas']['Conversation'];
export type ConversationAnswer = components['schemas']['ConversationAnswer'];
export type ConversationMessage = components['schemas']['ConversationMessage'];
export type ConversationMessageAnswer = components['schemas']['ConversationMessageAnswer'];
export type ConversationMessages = components['schemas']['ConversationMessages'];
export type Conversations = components['schemas']['Conversations'];
export type ConversationType = components['schemas']['ConversationType'];
export type CreateRoom = components['schemas']['CreateRoom'];
export type CreateServiceToken = components['schemas']['CreateServiceToken'];
export type CreateWebhook = components['schemas']['CreateWebhook'];
export type Deactivate = components['schemas']['Deactivate'];
export type DeliveryStatus = components['schemas']['DeliveryStatus'];
export type DetailedHealth = components['schemas']['DetailedHealth'];
export type DevPerson = components['schemas']['DevPerson'];
export type EditMessage = components['schemas']['EditMessage'];
export type EmojiReactions = components['schemas']['EmojiReactions'];
export type EntityMember = components['schemas']['EntityMember'];
export type ErrorBody = components['schemas']['ErrorBody'];
export type Event = components['schemas']['Event'];
export type ExternalClient = components['schemas']['ExternalClient'];
export type ExternalSession = components['schemas']['ExternalSession'];
export type Health = components['schemas']['Health'];
export type Hour = components['schemas']['Hour'];
export type Joining = components['schemas']['Joining'];
export type LastMessage = components['schemas']['LastMessage'];
export type Link = components['schemas']['Link'];
export type LoginToken = components['schemas']['LoginToken'];
export type MarkConversationRead = components['schemas']['MarkConversationRead'];
export type MarkRead = components['schemas']['MarkRead'];
export type Me = components['schemas']['Me'];
export type Member = components['schemas']['Member'];
export type Membership = components['schemas']['Membership'];
export type Message = components['schemas']['Message'];
export type MessageReactions = components['schemas']['MessageReactions'];
export type MessageSender = components['schemas']['MessageSender'];
export type MessageType = components['schemas']['MessageType'];
export type MessagingAddParticipant = components['schemas']['MessagingAddParticipant'];
export type MessagingAddReaction = components['schemas']['MessagingAddReaction'];
export type MessagingBlock = components['schemas']['MessagingBlock'];
export type MessagingChangeConversation = components['schemas']['MessagingChangeConversation'];
export type MessagingConversation = components['schemas']['MessagingConversation'];
export type MessagingConversationType = components['schemas']['MessagingConversationType'];
export type MessagingCount = components['schemas']['MessagingCount'];
export type MessagingEditMessage = components['schemas']['MessagingEditMessage'];
export type MessagingFound = components['schemas']['MessagingFound'];
export type MessagingFoundIn = components['schemas']['MessagingFoundIn'];
export type MessagingLastMessage = components['schemas']['MessagingLastMessage'];
export type MessagingMessage = components['schemas']['MessagingMessage'];
export type MessagingMessageReaction = components['schemas']['MessagingMessageReaction'];
export type MessagingMessageType = components['schemas']['MessagingMessageType'];
export type MessagingNewConversation = components['schemas']['MessagingNewConversation'];
export type MessagingNewMessage = components['schemas']['MessagingNewMessage'];
export type MessagingParticipant = components['schemas']['MessagingParticipant'];
export type MessagingParticipantRole = components['schemas']['MessagingParticipantRole'];
export type MessagingParticipantUser = components['schemas']['MessagingParticipantUser'];
export type MessagingReaction = components['schemas']['MessagingReaction'];
export type MessagingReceipt = components['schemas']['MessagingReceipt'];
export type MessagingReplyTo = components['schemas']['MessagingReplyTo'];
export type MessagingRule = components['schemas']['MessagingRule'];
export type MessagingSender = components['schemas']['MessagingSender'];
export type MessagingUser = components['schemas']['MessagingUser'];
export type NewContactRequest = components['schemas']['NewContactRequest'];
export type NewConversation = components['schemas']['NewConversation'];
export type NewConversationMessage = components['schemas']['NewConversationMessage'];
export type NewExternalClient = components['schemas']['NewExternalClient'];
export type NewLoginToken = components['schemas']['NewLoginToken'];
export type NewPassword = components['schemas']['NewPassword'];
export type NewRoomType = components['schemas']['NewRoomType'];
export type Notification = components['schemas']['Notification'];
export type NotificationFields = components['schemas']['NotificationFields'];
export type NotificationStatus = components['schemas']['NotificationStatus'];
export type OneCheck = components['schemas']['OneCheck'];
export type Outbox = components['schemas']['Outbox'];
export type Overview = components['schemas']['Overview'];
export type OverviewHealth = components['schemas']['OverviewHealth'];
export type Participant = components['schemas']['Participant'];
export type ParticipantAnswer = components['schemas']['ParticipantAnswer'];
export type ParticipantRole = components['schemas']['ParticipantRole'];
export type Participants = components['schemas']['Participants'];
export type Peer = components['schemas']['Peer'];
export type Presence = components['schemas']['Presence'];
export type Present = components['schemas']['Present'];
export type Priority = components['schemas']['Priority'];
export type Probe = components['schemas']['Probe'];
export type Reaction = components['schemas']['Reaction'];
export type Reader = components['schemas']['Reader'];
export type RedisCheck = components['schemas']['RedisCheck'];
export type Replayed = components['schemas']['Replayed'];
export type ReplayWebhook = components['schemas']['ReplayWebhook'];
export type RequestStatus = components['schemas']['RequestStatus'];
export type Respond = components['schemas']['Respond'];
export type Responded = components['schemas']['Responded'];
export type Role = components['schemas']['Role'];
export type Room = components['schemas']['Room'];
export type RoomKind = components['schemas']['RoomKind'];
export type RuleInput = components['schemas']['RuleInput'];
export type RuleParty = components['schemas']['RuleParty'];
export type RuleStep = components['schemas']['RuleStep'];
export type RuleTestAnswer = components['schemas']['RuleTestAnswer'];
export type SendBroadcast = components['schemas']['SendBroadcast'];
export type SendMessage = components['schemas']['SendMessage'];
export type SendNotification = components['schemas']['SendNotification'];
export type SentBroadcast = components['schemas']['SentBroadcast'];
export type ServiceToken = components['schemas']['ServiceToken'];
export type SetConversationTyping = components['schemas']['SetConversationTyping'];
export type SetTyping = components['schemas']['SetTyping'];
export type Success = components['schemas']['Success'];
export type TargetType = components['schemas']['TargetType'];
export type TestInput = components['schemas']['TestInput'];
export type Ticket = components['schemas']['Ticket'];
export type UnreadCount = components['schemas']['UnreadCount'];
export type UpdateUser = components['schemas']['UpdateUser'];
export type UpdateWebhook = components['schemas']['UpdateWebhook'];
export type UploadedFile = components['schemas']['UploadedFile'];
export type UploadFile = components['schemas']['UploadFile'];
export type UploadMessage = components['schemas']['UploadMessage'];
export type User = components['schemas']['User'];
export type Versions = components['schemas']['Versions'];
export type Webhook = components['schemas']['Webhook'];
export type WebhookDelivery = components['schemas']['WebhookDelivery'];
export type WebsocketStats = components['schemas']['WebsocketStats'];
export type $defs = Record<string, never>;
export interface operations {
    websocket_stats_at_the_root: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How many there are */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebsocketStats"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No admin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    list_audit: {
        parameters: {
            query?: {
                /** @description Only this: `user.deactivate`, for instance. */
                action?: string;
                /** @description Only what the admin of this id did. */
                actor?: string;
                /** @description Where the list goes on: the former page's `next_cursor`. */
                cursor?: string;
                /** @description `csv` for all rows as CSV, as `Accept: text/csv` */
                format?: string;
                /** @description How many: 1 to 200, by default 50. */
                limit?: number;
                /** @description Only from this time on: `2026-01-31T12:00:00Z`, or the beginning of a day, UTC: `2026-01-31`. */
                since?: string;
                /** @description Only what was done to the thing of this id. */
                target?: string;
                /** @description Only before this time, or until the end of a day. */
                until?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Changes */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description The page. */
                        items: {
                            /**
                             * @description What was done: `user.update`, `user.deactivate`, `user.reactivate`, `room.archive`, `room.restore`,
                             *     `notification.retry`, `notification.cancel`, `service_token.create`, `service_token.revoke`,
                             *     `external_client.create` (an app password), `external_client.remove`, `external_session.end`, `rule.create`,
                             *     `rule.update`, `rule.delete`.
                             */
                            action: string;
                            /** @description Who, with the name they had then. */
                            actor: components["schemas"]["Actor"];
                            /** @description When. */
                            at: string;
                            /** @description What else is worth knowing; differs by action. */
                            details: Record<string, never>;
                            /**
                             * Format: int64
                             * @description Later changes have higher ids.
                             */
                            id: number;
                            /** @description Where the admin was. */
                            ip: string;
                            /** @description Its id. */
                            target_id: string;
                            /** @description To what: `user`, `room`, `notification`, `service_token`, `external_session` or `rule`. */
                            target_type: string;
                            /**
                             * Format: int64
                             * @description Its tenant; null where it belongs to none.
                             */
                            tenant_id?: number | null;
                        }[];
                        /** @description What to pass as `cursor` for the next page; null at the end. */
                        next_cursor?: string | null;
                    };
                    "text/csv": string;
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No admin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    list_broadcasts: {
        parameters: {
            query?: {
                /** @description Where the list goes on: the former page's `next_cursor`. */
                cursor?: string;
                /** @description `csv` for all rows as CSV, as `Accept: text/csv` */
                format?: string;
                /** @description How many: 1 to 200, by default 50. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Broadcasts */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description The page. */
                        items: {
                            /** @description Text. */
                            body: string;
                            /** @description When. */
                            created_at: string;
                            /** @description The id of who sent it. */
                            created_by: string;
                            /** @description Their shown name. */
                            created_by_name: string;
                            /**
                             * Format: int64
                             * @description Those it could not be delivered to. The rest waits, or was cancelled.
                             */
                            failed: number;
                            /** @description Its id. */
                            id: string;
                            /**
                             * Format: int64
                             * @description The rooms that it goes to.
                             */
                            rooms: number;
                            /**
                             * Format: int64
                             * @description Those it has arrived in.
                             */
                            sent: number;
                            /** @description Title. */
                            title: string;
                        }[];
                        /** @description What to pass as `cursor` for the next page; null at the end. */
                        next_cursor?: string | null;
                    };
                    "text/csv": string;
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No super admin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    send_broadcast: {
        parameters: {
            query?: never;
            header?: {
                /** @description Up to 255 characters. The same key with the same body is the same broadcast. */
                "Idempotency-Key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SendBroadcast"];
            };
        };
        responses: {
            /** @description Accepted */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SentBroadcast"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No super admin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key was used with another body */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    admin_list_external_sessions: {
        parameters: {
            query?: {
                /** @description Where the list goes on: the former page's `next_cursor`. */
                cursor?: string;
                /** @description `csv` for all rows as CSV, as `Accept: text/csv` */
                format?: string;
                /** @description How many: 1 to 200, by default 50. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Sessions, with `hub_user_id` */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description The page. */
                        items: {
                            /** @description What the client says it is. */
                            client: string;
                            /** @description When it signed in. */
                            created_at: string;
                            /** @description Matrix device id. */
                            device_id: string;
                            /** @description What the person or the client calls the device. */
                            device_name: string;
                            /** @description Whose: only in the list of everybody's. */
                            hub_user_id?: string | null;
                            /** @description Id. */
                            id: string;
                            /** @description When it was last used, to a minute. */
                            last_seen_at: string;
                            /** @description From where. */
                            last_seen_ip: string;
                        }[];
                        /** @description What to pass as `cursor` for the next page; null at the end. */
                        next_cursor?: string | null;
                    };
                    "text/csv": string;
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No admin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    admin_end_external_session: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Its id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It ended */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No admin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    all_notifications: {
        parameters: {
            query?: {
                /** @description Where the list goes on: the former page's `next_cursor`. */
                cursor?: string;
                /** @description `csv` for all rows as CSV, as `Accept: text/csv` */
                format?: string;
                /** @description How many: 1 to 200, by default 50. */
                limit?: number;
                /** @description Only those as loud as this. */
                priority?: "normal" | "urgent";
                /** @description Only those whose title, text, event type or target contains this, in any case; of the newest 100,000 of all. */
                q?: string;
                /** @description Only those of this application. */
                source_app?: string;
                /** @description Only those in this state. */
                status?: "queued" | "sent" | "failed" | "cancelled";
                /** @description Only those for this kind of target. */
                target_type?: "general" | "entity_room" | "dm";
                /** @description Only those of this tenant. */
                tenant_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Notifications */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description The page. */
                        items: {
                            /**
                             * Format: int64
                             * @description Deliveries begun.
                             */
                            attempts: number;
                            /** @description Text. */
                            body?: string | null;
                            /** @description When it was accepted: UTC without a zone, to the second. */
                            created_at: string;
                            /**
                             * Format: int64
                             * @description Of an entity room, when it is an integer.
                             */
                            entity_id?: number | null;
                            /** @description Of an entity room, as text. */
                            entity_key?: string | null;
                            /** @description Of an entity room. */
                            entity_type?: string | null;
                            /** @description Free text. */
                            event_type: string;
                            /**
                             * Format: int64
                             * @description Its id.
                             */
                            id: number;
                            /** @description As which event; null until then. */
                            matrix_event_id?: string | null;
                            /** @description Where it was delivered; null until then. */
                            matrix_room_id?: string | null;
                            /** @description Loudness. */
                            priority: components["schemas"]["Priority"];
                            /** @description Why it waits or failed, a stable word such as `user_unknown` (contract R21). */
                            reason?: string | null;
                            /** @description When it was delivered. */
                            sent_at?: string | null;
                            /** @description The sending application. */
                            source_app: string;
                            /** @description How far it has come. */
                            status: components["schemas"]["NotificationStatus"];
                            /** @description Where it goes. */
                            target_type: components["schemas"]["TargetType"];
                            /** @description Of a direct message. */
                            target_user?: string | null;
                            /**
                             * Format: int64
                             * @description The tenant: an integer, or a string where it is none.
                             */
                            tenant_id: number;
                            /** @description Title. */
                            title: string;
                        }[];
                        /** @description What to pass as `cursor` for the next page; null at the end. */
                        next_cursor?: string | null;
                    };
                    "text/csv": string;
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No admin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    one_notification: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Its id */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The notification */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Notification"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No admin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    cancel_notification: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Its id */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The notification */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Notification"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No admin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It was sent, or is over */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    retry_notification: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Its id */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The notification */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Notification"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No admin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It was sent or cancelled */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    overview: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Counts, figures by hour, health */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Overview"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No admin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    admin_list_rooms: {
        parameters: {
            query?: {
                /** @description Only archived ones, or only those in use. */
                archived?: boolean;
                /** @description Where the list goes on: the former page's `next_cursor`. */
                cursor?: string;
                /** @description `csv` for all rows as CSV, as `Accept: text/csv` */
                format?: string;
                /** @description How many: 1 to 200, by default 50. */
                limit?: number;
                /**
                 * @description Only those whose id, name, topic or entity contains this, in any case; direct rooms by the ids of their people. Names
                 *     and topics that are not shown here are not looked at.
                 */
                q?: string;
                /** @description Only those of this kind. */
                room_type?: "general" | "dm" | "group" | "entity" | "support" | "therapy";
                /** @description Only those of this tenant. */
                tenant_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Rooms */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description The page. */
                        items: {
                            /** @description When it was archived; null: it is in use. */
                            archived_at?: string | null;
                            /** @description When it was made. */
                            created_at: string;
                            /** @description Who made it. */
                            created_by: string;
                            /** @description Of an entity room: an integer's digits or a key. */
                            entity_key?: string | null;
                            /** @description Of an entity room. */
                            entity_type?: string | null;
                            /** @description When the newest message was sent; null before the first. */
                            last_activity_at?: string | null;
                            /**
                             * Format: int64
                             * @description How many people are in it. A room for the whole tenant is seen by all of it, whoever is in it.
                             */
                            members: number;
                            /**
                             * Format: int64
                             * @description Messages ever.
                             */
                            message_count: number;
                            /** @description Name; null for direct rooms and for therapy. */
                            name?: string | null;
                            /** @description Matrix room id. */
                            room_id: string;
                            /** @description What it is for. */
                            room_type: components["schemas"]["RoomKind"];
                            /**
                             * Format: int64
                             * @description The tenant: an integer, or a string where it is none.
                             */
                            tenant_id: number;
                            /** @description Topic; null for direct rooms and for therapy. */
                            topic?: string | null;
                        }[];
                        /** @description What to pass as `cursor` for the next page; null at the end. */
                        next_cursor?: string | null;
                    };
                    "text/csv": string;
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No admin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    admin_get_room: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Matrix room id, raw or percent-encoded: `!abc:hub.local` */
                room_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The room */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AdminRoomWithMembers"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No admin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    admin_archive_room: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Matrix room id, raw or percent-encoded: `!abc:hub.local` */
                room_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is archived, also when it was before */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No admin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It is the general room */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    admin_restore_room: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Matrix room id, raw or percent-encoded: `!abc:hub.local` */
                room_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The room, also when it was in use */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AdminRoomWithMembers"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No admin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    list_rules: {
        parameters: {
            query?: {
                /** @description Where the list goes on: the former page's `next_cursor`. */
                cursor?: string;
                /** @description How many: 1 to 200, by default 50. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The rules */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description The page. */
                        items: {
                            /** @description Whether it is switched on. */
                            active: boolean;
                            /** @description Its id. */
                            id: string;
                            /** @description Why it cannot be read and never matches; null when it can. */
                            invalid?: string | null;
                            /** @description Its name. */
                            name: string;
                            /**
                             * Format: int64
                             * @description The highest decides; of equal ones the first id.
                             */
                            priority?: number | null;
                            /** @description Whether a contact request has to be accepted first. */
                            require_approval: boolean;
                            /**
                             * @description With one of these roles: `owner`, `admin`, `member`, `support`, `platform_admin`; with none, anybody. Roles count in
                             *     the tenant that both belong to when the scope is `tenant`, else anywhere.
                             */
                            source_roles: string[];
                            /**
                             * @description Who writes: `tenant` (both belong to one), `platform` (anybody), `support` (the support team). A word that is none of
                             *     these stands here as it is in the table.
                             */
                            source_scope: string;
                            /** @description As `source_roles`. */
                            target_roles: string[];
                            /** @description To whom: as `source_scope`. */
                            target_scope: string;
                        }[];
                        /** @description What to pass as `cursor` for the next page; null at the end. */
                        next_cursor?: string | null;
                    };
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No admin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    create_rule: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RuleInput"];
            };
        };
        responses: {
            /** @description The rule */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessagingRule"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No super admin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description There is a rule of this id */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    delete_rule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Its id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No super admin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    update_rule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Its id */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RuleInput"];
            };
        };
        responses: {
            /** @description The rule */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessagingRule"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No super admin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    test_rules: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TestInput"];
            };
        };
        responses: {
            /** @description The verdict, and how it came about */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RuleTestAnswer"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No admin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No such person, or both of other tenants */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    list_service_tokens: {
        parameters: {
            query?: {
                /** @description Where the list goes on: the former page's `next_cursor`. */
                cursor?: string;
                /** @description `csv` for all rows as CSV, as `Accept: text/csv` */
                format?: string;
                /** @description How many: 1 to 200, by default 50. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Tokens, without the tokens themselves */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description The page. */
                        items: {
                            /** @description When. */
                            created_at: string;
                            /** @description Who made it. */
                            created_by: string;
                            /** @description Id. */
                            id: string;
                            /** @description When it was last used, to a minute. */
                            last_used_at?: string | null;
                            /** @description What it is for. */
                            name: string;
                            /** @description When it was revoked. */
                            revoked_at?: string | null;
                            /**
                             * Format: int64
                             * @description The tenant it is bound to; null: its notifications name one.
                             */
                            tenant_id?: number | null;
                            /** @description The token itself: only in the answer that makes it. */
                            token?: string | null;
                        }[];
                        /** @description What to pass as `cursor` for the next page; null at the end. */
                        next_cursor?: string | null;
                    };
                    "text/csv": string;
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No admin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    create_service_token: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateServiceToken"];
            };
        };
        responses: {
            /** @description The token */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServiceToken"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No admin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    revoke_service_token: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Its id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It does not count any more */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No admin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    admin_list_users: {
        parameters: {
            query?: {
                /** @description Only those who may come in, or who may not. */
                active?: boolean;
                /** @description Where the list goes on: the former page's `next_cursor`. */
                cursor?: string;
                /** @description `csv` for all rows as CSV, as `Accept: text/csv` */
                format?: string;
                /** @description How many: 1 to 200, by default 50. */
                limit?: number;
                /** @description Only those whose id or name contains this, in any case. */
                q?: string;
                /** @description Only those with this role. */
                role?: "viewer" | "user" | "admin";
                /** @description Only those of this tenant. */
                tenant_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description People */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description The page. */
                        items: {
                            /** @description Whether they may come in. */
                            active: boolean;
                            /** @description When they were first here. */
                            created_at: string;
                            /** @description When they were deactivated. */
                            deactivated_at?: string | null;
                            /** @description Shown name, as the last token said it. */
                            display_name: string;
                            /** @description Whether they may use Element and the like. */
                            external_client_enabled: boolean;
                            /**
                             * Format: int64
                             * @description Their devices that are signed in there.
                             */
                            external_sessions: number;
                            /** @description Role at the hub; null when the token named none. */
                            hub_role?: string | null;
                            /** @description The person's id. */
                            hub_user_id: string;
                            /** @description When they were last here, to a minute. */
                            last_seen_at: string;
                            /** @description Matrix account. */
                            matrix_user_id: string;
                            /** @description What admins noted; nobody else sees it. */
                            note?: string | null;
                            /** @description Role here. */
                            role: components["schemas"]["Role"];
                            /** @description Which tokens they come with: `hub`, `clerk` or `local`. */
                            source: string;
                            /** @description Whether they see every tenant in the admin API. */
                            super_admin: boolean;
                            /** @description Whether they are of the support team. */
                            support: boolean;
                            /**
                             * Format: int64
                             * @description The tenant: an integer, or a string where it is none.
                             */
                            tenant_id: number;
                        }[];
                        /** @description What to pass as `cursor` for the next page; null at the end. */
                        next_cursor?: string | null;
                    };
                    "text/csv": string;
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No admin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    admin_get_user: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A person's id, the `sub` of their token: `mueller` */
                hub_user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The person */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AdminUser"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No admin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    admin_update_user: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A person's id, the `sub` of their token: `mueller` */
                hub_user_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdateUser"];
            };
        };
        responses: {
            /** @description The person */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AdminUser"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No admin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    admin_deactivate_user: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A person's id, the `sub` of their token: `mueller` */
                hub_user_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Deactivate"] | null;
            };
        };
        responses: {
            /** @description The person, also when they were deactivated before */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AdminUser"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No admin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    admin_get_external_client: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A person's id, the `sub` of their token: `mueller` */
                hub_user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The state */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExternalClient"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No admin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    admin_add_external_client: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A person's id, the `sub` of their token: `mueller` */
                hub_user_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["NewExternalClient"] | null;
            };
        };
        responses: {
            /** @description The password and where it is typed in */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewPassword"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No admin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description There are 50 app passwords already */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    admin_remove_external_client: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A person's id, the `sub` of their token: `mueller` */
                hub_user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Nothing of it is left */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No admin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    admin_list_persons_sessions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A person's id, the `sub` of their token: `mueller` */
                hub_user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Sessions */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExternalSession"][];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No admin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    admin_end_persons_session: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A person's id, the `sub` of their token: `mueller` */
                hub_user_id: string;
                /** @description Its id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It ended */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No admin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    admin_reactivate_user: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A person's id, the `sub` of their token: `mueller` */
                hub_user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The person, also when they were active */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AdminUser"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No admin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    list_webhooks: {
        parameters: {
            query?: {
                /** @description Where the list goes on: the former page's `next_cursor`. */
                cursor?: string;
                /** @description How many: 1 to 200, by default 50. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Webhooks, without their secrets */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description The page. */
                        items: {
                            /** @description Whether it is told at all. */
                            active: boolean;
                            /** @description When. */
                            created_at: string;
                            /** @description Who made it. */
                            created_by: string;
                            /**
                             * Format: int64
                             * @description Deliveries that were given up and can be retried.
                             */
                            dead: number;
                            /**
                             * Format: int64
                             * @description Deliveries that arrived, ever.
                             */
                            delivered: number;
                            /** @description What it is for. */
                            description: string;
                            /** @description What it is told: `conversation.created`, `message.sent`, `message.read`. */
                            events: string[];
                            /** @description Its id. */
                            id: string;
                            /** @description When a delivery was last tried. */
                            last_delivery_at?: string | null;
                            /**
                             * Format: int64
                             * @description The HTTP status of the last answer; null when there was none.
                             */
                            last_status?: number | null;
                            /** @description What it missed, of one that is on: it was behind what the log keeps. */
                            note?: string | null;
                            /** @description Why the service switched it off; null when it is on, or an admin switched it off. */
                            off_reason?: string | null;
                            /**
                             * Format: int64
                             * @description Deliveries that wait, up to 10,000; of more, the rest waits in the log.
                             */
                            queued: number;
                            /** @description What deliveries are signed with (Standard Webhooks): only in the answer that makes the webhook. */
                            secret?: string | null;
                            /**
                             * Format: int64
                             * @description Whose events it is told of; null: of all tenants'.
                             */
                            tenant_id?: number | null;
                            /** @description Where it is. */
                            url: string;
                        }[];
                        /** @description What to pass as `cursor` for the next page; null at the end. */
                        next_cursor?: string | null;
                    };
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No admin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    create_webhook: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateWebhook"];
            };
        };
        responses: {
            /** @description The webhook with its secret */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Webhook"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No admin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description There are too many */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    read_webhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Its id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The webhook, without its secret */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Webhook"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No admin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    delete_webhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Its id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No admin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    update_webhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Its id */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdateWebhook"];
            };
        };
        responses: {
            /** @description The webhook */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Webhook"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No admin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    list_deliveries: {
        parameters: {
            query?: {
                /** @description Where the list goes on: the former page's `next_cursor`. */
                cursor?: string;
                /** @description How many: 1 to 200, by default 50. */
                limit?: number;
                /** @description Only those that are so far. */
                status?: "queued" | "delivered" | "dead";
            };
            header?: never;
            path: {
                /** @description Its id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deliveries */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description The page. */
                        items: {
                            /**
                             * Format: int64
                             * @description How often it was tried.
                             */
                            attempts: number;
                            /** @description When it was accepted for delivery. */
                            created_at: string;
                            /** @description When it arrived. */
                            delivered_at?: string | null;
                            /** @description Why it failed the last time. */
                            error?: string | null;
                            /** @description What is sent, with the header `webhook-id` as `id` and `contentLength` in place of a message's text. */
                            event: {
                                [key: string]: unknown;
                            };
                            /**
                             * Format: int64
                             * @description Its id.
                             */
                            id: number;
                            /** @description When it is tried next; null when it is over. */
                            next_attempt_at?: string | null;
                            /**
                             * Format: int64
                             * @description The HTTP status of the last answer; null when there was none.
                             */
                            response_status?: number | null;
                            /** @description `queued`, `delivered` or `dead`. */
                            status: components["schemas"]["DeliveryStatus"];
                            /** @description What happened. */
                            type: string;
                        }[];
                        /** @description What to pass as `cursor` for the next page; null at the end. */
                        next_cursor?: string | null;
                    };
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No admin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    retry_delivery: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A delivery's id */
                delivery_id: number;
                /** @description Its id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is due */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookDelivery"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No admin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It was delivered */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    replay_webhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Its id */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReplayWebhook"];
            };
        };
        responses: {
            /** @description It begins */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Replayed"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No admin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    test_webhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Its id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is due */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookDelivery"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No admin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The webhook is switched off */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    websocket_stats: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How many there are */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebsocketStats"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No admin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    block_user: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BlockUser"];
            };
        };
        responses: {
            /** @description Blocked, also when they were before */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Nobody whom the caller may know of */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    unblock_user: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A person's id, the `sub` of their token: `user_2x` */
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Not blocked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    blocked_users: {
        parameters: {
            query?: {
                /** @description Where the list goes on: the former page's `nextCursor`. */
                cursor?: string;
                /** @description How many: 1 to 100, by default 50. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The people */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BlockedUsers"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    can_message: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A person's id, the `sub` of their token: `user_2x` */
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CanMessageAnswer"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    received_contact_requests: {
        parameters: {
            query?: {
                /** @description Where the list goes on: the former page's `nextCursor`. */
                cursor?: string;
                /** @description How many: 1 to 100, by default 50. */
                limit?: number;
                /** @description Only those in this state: `PENDING`, `ACCEPTED`, `DECLINED`, `EXPIRED` or `CANCELLED`. */
                status?: "PENDING" | "ACCEPTED" | "DECLINED" | "EXPIRED" | "CANCELLED";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The requests */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ContactRequests"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    request_contact: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewContactRequest"];
            };
        };
        responses: {
            /** @description The request */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ContactRequestAnswer"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A viewer, or not allowed in this room */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    answer_contact_request: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Its id */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Respond"];
            };
        };
        responses: {
            /** @description The request */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Responded"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    sent_contact_requests: {
        parameters: {
            query?: {
                /** @description Where the list goes on: the former page's `nextCursor`. */
                cursor?: string;
                /** @description How many: 1 to 100, by default 50. */
                limit?: number;
                /** @description Only those in this state: `PENDING`, `ACCEPTED`, `DECLINED`, `EXPIRED` or `CANCELLED`. */
                status?: "PENDING" | "ACCEPTED" | "DECLINED" | "EXPIRED" | "CANCELLED";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The requests */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ContactRequests"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    list_conversations: {
        parameters: {
            query?: {
                /** @description Where the list goes on: `nextCursor` of the page before. */
                cursor?: string;
                /** @description How many: 1 to 100, by default 50. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of conversations */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Conversations"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    create_conversation: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewConversation"];
            };
        };
        responses: {
            /** @description The conversation that was there */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConversationAnswer"];
                };
            };
            /** @description The new conversation */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConversationAnswer"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A viewer, or the rules do not allow it */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_conversation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A conversation's id, raw or percent-encoded: `!abc:hub.local` */
                conversation_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The conversation */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConversationAnswer"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    change_conversation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A conversation's id, raw or percent-encoded: `!abc:hub.local` */
                conversation_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChangeConversation"];
            };
        };
        responses: {
            /** @description The conversation as it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConversationAnswer"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A viewer, or not allowed in this room */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    leave_conversation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A conversation's id, raw or percent-encoded: `!abc:hub.local` */
                conversation_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Not in it any more */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    list_conversation_messages: {
        parameters: {
            query?: {
                /** @description Where the list goes on: `nextCursor` of the page before. */
                cursor?: string;
                /** @description How many: 1 to 100, by default 50. */
                limit?: number;
            };
            header?: never;
            path: {
                /** @description A conversation's id, raw or percent-encoded: `!abc:hub.local` */
                conversation_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of messages */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConversationMessages"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    send_conversation_message: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A conversation's id, raw or percent-encoded: `!abc:hub.local` */
                conversation_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewConversationMessage"];
            };
        };
        responses: {
            /** @description The message that was sent under this clientId before */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConversationMessageAnswer"];
                };
            };
            /** @description The message */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConversationMessageAnswer"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A viewer, or not allowed here */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    list_participants: {
        parameters: {
            query?: {
                /** @description Where the list goes on: `nextCursor` of the page before. */
                cursor?: string;
                /** @description How many: 1 to 500, by default 500. */
                limit?: number;
            };
            header?: never;
            path: {
                /** @description A conversation's id, raw or percent-encoded: `!abc:hub.local` */
                conversation_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Participants */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Participants"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    add_participant: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A conversation's id, raw or percent-encoded: `!abc:hub.local` */
                conversation_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AddParticipant"];
            };
        };
        responses: {
            /** @description The participant */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ParticipantAnswer"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A viewer, or not allowed in this room */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    remove_participant: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A conversation's id, raw or percent-encoded: `!abc:hub.local` */
                conversation_id: string;
                /** @description A person's id, the `sub` of their token: `user_2x` */
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Not in it any more */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A viewer, or not allowed in this room */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    mark_conversation_read: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A conversation's id, raw or percent-encoded: `!abc:hub.local` */
                conversation_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["MarkConversationRead"] | null;
            };
        };
        responses: {
            /** @description Marked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    set_conversation_typing: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A conversation's id, raw or percent-encoded: `!abc:hub.local` */
                conversation_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SetConversationTyping"];
            };
        };
        responses: {
            /** @description Told */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A viewer, or not allowed in this room */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    dev_people: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description People */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DevPerson"][];
                };
            };
            /** @description Not in development, or with a secret of one's own */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    poll_events: {
        parameters: {
            query?: {
                /** @description Name of the polling client, up to 64 bytes: each has its own place in the events. */
                client?: string;
                /** @description Answer the events after this id, whatever this client has seen. */
                since?: number;
                /** @description A person's token, or a ticket; the `Authorization` header serves as well. */
                token?: string;
                /** @description 2 for all types of events. */
                v?: number;
                /** @description How many seconds to wait for an event when there is none: up to 25, by default 0. */
                wait?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Events, oldest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Event"][];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    stream_events: {
        parameters: {
            query?: {
                /** @description Go on after the event with this id. The header `Last-Event-ID`, which browsers send when they come back, wins. */
                since?: number;
                /** @description A person's token, or a ticket; the `Authorization` header serves as well. */
                token?: string;
                /** @description 2 for all types of events; without it the four of the original. */
                v?: number;
            };
            header?: {
                /** @description Go on after the event with this id */
                "Last-Event-ID"?: number | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Events without end */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["Event"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    make_ticket: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The ticket */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Ticket"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    health: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Healthy or degraded */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
        };
    };
    detailed: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Healthy or degraded */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DetailedHealth"];
                };
            };
        };
    };
    download_file: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id part of the `mxc:` URI */
                media_id: string;
                /** @description The server part of the `mxc:` URI: `hub.local` */
                server: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": number[];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    sign_link: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id part of the `mxc:` URI */
                media_id: string;
                /** @description The server part of the `mxc:` URI: `hub.local` */
                server: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The link */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Link"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    download_thumbnail: {
        parameters: {
            query?: {
                /** @description Pixels, 1 to 2000; 240 by default. */
                height?: number;
                /** @description Pixels, 1 to 2000; 320 by default. */
                width?: number;
            };
            header?: never;
            path: {
                /** @description The id part of the `mxc:` URI */
                media_id: string;
                /** @description The server part of the `mxc:` URI: `hub.local` */
                server: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The image */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/*": number[];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    send_message_by_id: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewConversationMessage"];
            };
        };
        responses: {
            /** @description The message that was sent under this clientId before */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConversationMessageAnswer"];
                };
            };
            /** @description The message */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConversationMessageAnswer"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A viewer, or not allowed here */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No such conversation, or not the caller's */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    delete_message: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Matrix event id of a message, raw or percent-encoded: `$evt123` */
                event_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted; it stays in lists as an empty one */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A viewer, or not allowed in this room */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    edit_message: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Matrix event id of a message, raw or percent-encoded: `$evt123` */
                event_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EditMessage"];
            };
        };
        responses: {
            /** @description The message as it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A viewer, or not allowed in this room */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It was deleted */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    add_reaction: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Matrix event id of a message, raw or percent-encoded: `$evt123` */
                event_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AddReaction"];
            };
        };
        responses: {
            /** @description The reaction that was there */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reaction"];
                };
            };
            /** @description The reaction */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reaction"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A viewer, or not allowed in this room */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The message was deleted */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    remove_reaction: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The emoji, percent-encoded */
                emoji: string;
                /** @description Matrix event id of a message, raw or percent-encoded: `$evt123` */
                event_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Taken back */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A viewer, or not allowed in this room */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_history: {
        parameters: {
            query?: {
                /** @description A message of the room: those after it. */
                after?: string;
                /** @description A message of the room: it, with about half of them before it and half after it. */
                around?: string;
                /** @description A message of the room: those before it. */
                before?: string;
                /** @description How many: 1 to 200, by default 50. */
                limit?: number;
            };
            header?: never;
            path: {
                /** @description Matrix room id, raw or percent-encoded: `!abc:hub.local` */
                room_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Messages */
            200: {
                headers: {
                    /** @description Whether there are newer ones */
                    "X-Has-After"?: boolean;
                    /** @description Whether there are older ones */
                    "X-Has-Before"?: boolean;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"][];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    search_messages: {
        parameters: {
            query: {
                /** @description Where the list goes on, from `X-Next-Cursor`. */
                before?: number;
                /** @description How many: 1 to 100, by default 50. */
                limit?: number;
                /** @description A part of the text, in any case. */
                q: string;
                /** @description Only in this room. */
                room_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Messages, without their reactions */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"][];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No such room, or not the caller's */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    send_message: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SendMessage"];
            };
        };
        responses: {
            /** @description The message that was sent under this client_id before */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
            /** @description The message */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A viewer, or not allowed in this room */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No such room, or not the caller's */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    count_unread: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The count */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UnreadCount"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    upload_into_room: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": components["schemas"]["UploadMessage"];
            };
        };
        responses: {
            /** @description The message that was posted under this client_id before */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
            /** @description The message */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A viewer, or not allowed in this room */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No such room, or not the caller's */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The file is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    list_notifications: {
        parameters: {
            query?: {
                /** @description Where the list goes on: the former page's `next_cursor`. */
                before?: number;
                /** @description How many: 1 to 200, by default 50. */
                limit?: number;
                /** @description Only those in this state. */
                status?: "queued" | "sent" | "failed" | "cancelled";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Notifications */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description The page. */
                        items: {
                            /**
                             * Format: int64
                             * @description Deliveries begun.
                             */
                            attempts: number;
                            /** @description Text. */
                            body?: string | null;
                            /** @description When it was accepted: UTC without a zone, to the second. */
                            created_at: string;
                            /**
                             * Format: int64
                             * @description Of an entity room, when it is an integer.
                             */
                            entity_id?: number | null;
                            /** @description Of an entity room, as text. */
                            entity_key?: string | null;
                            /** @description Of an entity room. */
                            entity_type?: string | null;
                            /** @description Free text. */
                            event_type: string;
                            /**
                             * Format: int64
                             * @description Its id.
                             */
                            id: number;
                            /** @description As which event; null until then. */
                            matrix_event_id?: string | null;
                            /** @description Where it was delivered; null until then. */
                            matrix_room_id?: string | null;
                            /** @description Loudness. */
                            priority: components["schemas"]["Priority"];
                            /** @description Why it waits or failed, a stable word such as `user_unknown` (contract R21). */
                            reason?: string | null;
                            /** @description When it was delivered. */
                            sent_at?: string | null;
                            /** @description The sending application. */
                            source_app: string;
                            /** @description How far it has come. */
                            status: components["schemas"]["NotificationStatus"];
                            /** @description Where it goes. */
                            target_type: components["schemas"]["TargetType"];
                            /** @description Of a direct message. */
                            target_user?: string | null;
                            /**
                             * Format: int64
                             * @description The tenant: an integer, or a string where it is none.
                             */
                            tenant_id: number;
                            /** @description Title. */
                            title: string;
                        }[];
                        /** @description What to pass as `cursor` for the next page; null at the end. */
                        next_cursor?: string | null;
                    };
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_notification: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Its id */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The notification */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Notification"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    send_notification: {
        parameters: {
            query?: never;
            header?: {
                /** @description Up to 255 characters. The same key with the same body is the same notification. */
                "Idempotency-Key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SendNotification"];
            };
        };
        responses: {
            /** @description A repeat of one that has failed or was cancelled */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Notification"];
                };
            };
            /** @description Delivered */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Notification"];
                };
            };
            /** @description Stored, to be delivered; `reason` may say what it waits for */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Notification"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The key was used with another body */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    list_presence: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Up to 1,000 people, by id */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Present"][];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    list_rooms: {
        parameters: {
            query?: {
                /** @description Where the list goes on, from `X-Next-Cursor`. */
                before?: number;
                /** @description How many: 1 to 500, by default 200. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Rooms */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Room"][];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    create_room: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateRoom"];
            };
        };
        responses: {
            /** @description The support room that was there */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Room"];
                };
            };
            /** @description The new room */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Room"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A viewer, or not allowed in this room */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_room: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Matrix room id, raw or percent-encoded: `!abc:hub.local` */
                room_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The room */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Room"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    change_room: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Matrix room id, raw or percent-encoded: `!abc:hub.local` */
                room_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChangeRoom"];
            };
        };
        responses: {
            /** @description The room as it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Room"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A viewer, or not allowed in this room */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    leave_room: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Matrix room id, raw or percent-encoded: `!abc:hub.local` */
                room_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Not in the room any more */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    list_members: {
        parameters: {
            query?: {
                /** @description The id after which the list goes on, from `X-Next-Cursor`. */
                after?: string;
                /** @description How many: 1 to 500, by default 200. */
                limit?: number;
            };
            header?: never;
            path: {
                /** @description Matrix room id, raw or percent-encoded: `!abc:hub.local` */
                room_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Members */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Member"][];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    add_member: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Matrix room id, raw or percent-encoded: `!abc:hub.local` */
                room_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AddMember"];
            };
        };
        responses: {
            /** @description The member */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Member"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A viewer, or not allowed in this room */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    remove_member: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A person's id, the `sub` of their token: `mueller` */
                hub_user_id: string;
                /** @description Matrix room id, raw or percent-encoded: `!abc:hub.local` */
                room_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Not in the room any more */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A viewer, or not allowed in this room */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    mark_read: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Matrix room id, raw or percent-encoded: `!abc:hub.local` */
                room_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["MarkRead"] | null;
            };
        };
        responses: {
            /** @description Marked */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    list_reads: {
        parameters: {
            query?: {
                /** @description How many: 1 to 200, by default 200. */
                limit?: number;
            };
            header?: never;
            path: {
                /** @description Matrix room id, raw or percent-encoded: `!abc:hub.local` */
                room_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Read markers */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reader"][];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    set_typing: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Matrix room id, raw or percent-encoded: `!abc:hub.local` */
                room_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SetTyping"];
            };
        };
        responses: {
            /** @description Told */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A viewer, or not allowed in this room */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    open_dm: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A person's id, the `sub` of their token: `mueller` */
                hub_user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The room that was there */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Room"];
                };
            };
            /** @description The new room */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Room"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A viewer, or not allowed in this room */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Oneself */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    open_entity_room: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Its id: an integer, or a key */
                entity_id: string;
                /** @description What kind of thing: `machine`, `project`, … */
                entity_type: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The room that was there */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Room"];
                };
            };
            /** @description The new room */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Room"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A viewer, or not allowed in this room */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A type or id that is too long */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    add_entity_member: {
        parameters: {
            query?: {
                /** @description The entity's tenant, when the token is bound to none; by default the person's own. */
                tenant_id?: string;
            };
            header?: never;
            path: {
                /** @description Its id: an integer, or a key */
                entity_id: string;
                /** @description What kind of thing: `machine`, `project`, … */
                entity_type: string;
                /** @description A person's id, the `sub` of their token: `mueller` */
                hub_user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description They are in it */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EntityMember"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Another tenant than the token's, or the room was archived */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Rooms of this type are for the whole tenant */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    remove_entity_member: {
        parameters: {
            query?: {
                /** @description The entity's tenant, when the token is bound to none; by default the person's own. */
                tenant_id?: string;
            };
            header?: never;
            path: {
                /** @description Its id: an integer, or a key */
                entity_id: string;
                /** @description What kind of thing: `machine`, `project`, … */
                entity_type: string;
                /** @description A person's id, the `sub` of their token: `mueller` */
                hub_user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description They are not in it */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Another tenant than the token's */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Rooms of this type are for the whole tenant */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    upload_file: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": components["schemas"]["UploadFile"];
            };
        };
        responses: {
            /** @description The file */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UploadedFile"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A viewer, or not allowed in this room */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The file is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    find_users: {
        parameters: {
            query?: {
                /** @description The id after which the list goes on, from `X-Next-Cursor`. */
                after?: string;
                /** @description How many: 1 to 200, by default 50. */
                limit?: number;
                /** @description Part of an id or a name, in any case; everybody without it. */
                q?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description People */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Colleague"][];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_me: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The caller */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    get_external_client: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The state */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExternalClient"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    add_external_client: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["NewExternalClient"] | null;
            };
        };
        responses: {
            /** @description The password and where it is typed in */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewPassword"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description There are 50 app passwords already */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    remove_external_client: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Nothing of it is left */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    make_login_token: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewLoginToken"];
            };
        };
        responses: {
            /** @description The token and where the browser goes on */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoginToken"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    list_external_sessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Sessions */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExternalSession"][];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    end_external_session: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Its id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It ended */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    live: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It does */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Probe"];
                };
            };
        };
    };
    messaging_block: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MessagingBlock"];
            };
        };
        responses: {
            /** @description Blocked, now or before */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Nobody the caller may know of */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    messaging_unblock: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A person's id, the `sub` of their token: `user_2x` */
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Not blocked any more */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    messaging_conversations: {
        parameters: {
            query?: {
                /** @description How many a page holds: 1 to 100, by default 20. */
                limit?: number;
                /** @description Which page: 1, the default, is the first. */
                page?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of conversations */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessagingConversation"][];
                };
            };
            /** @description The input is wrong; `details` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    messaging_create_conversation: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MessagingNewConversation"];
            };
        };
        responses: {
            /** @description The conversation that was there */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessagingConversation"];
                };
            };
            /** @description The new conversation */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessagingConversation"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A viewer, or the rules do not allow it */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    messaging_conversation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A conversation's id, raw or percent-encoded: `!abc:hub.local` */
                conversation_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The conversation */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessagingConversation"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    messaging_change_conversation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A conversation's id, raw or percent-encoded: `!abc:hub.local` */
                conversation_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MessagingChangeConversation"];
            };
        };
        responses: {
            /** @description The conversation as it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessagingConversation"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A viewer, or not allowed in this room */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    messaging_leave_conversation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A conversation's id, raw or percent-encoded: `!abc:hub.local` */
                conversation_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Not in it any more */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    messaging_messages: {
        parameters: {
            query?: {
                /** @description How many a page holds: 1 to 100, by default 50. */
                limit?: number;
                /** @description Which page: 1, the default, has the newest messages. */
                page?: number;
            };
            header?: never;
            path: {
                /** @description A conversation's id, raw or percent-encoded: `!abc:hub.local` */
                conversation_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of messages */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessagingMessage"][];
                };
            };
            /** @description The input is wrong; `details` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    messaging_send_message: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A conversation's id, raw or percent-encoded: `!abc:hub.local` */
                conversation_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MessagingNewMessage"];
            };
        };
        responses: {
            /** @description The message */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessagingMessage"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A viewer, or not allowed here */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    messaging_participants: {
        parameters: {
            query?: {
                /** @description How many a page holds: 1 to 100, by default 100. */
                limit?: number;
                /** @description Which page: 1, the default, is the first. */
                page?: number;
            };
            header?: never;
            path: {
                /** @description A conversation's id, raw or percent-encoded: `!abc:hub.local` */
                conversation_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of participants */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessagingParticipant"][];
                };
            };
            /** @description The input is wrong; `details` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    messaging_add_participant: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A conversation's id, raw or percent-encoded: `!abc:hub.local` */
                conversation_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MessagingAddParticipant"];
            };
        };
        responses: {
            /** @description The participant */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessagingParticipant"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A viewer, or not allowed in this room */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    messaging_remove_participant: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A conversation's id, raw or percent-encoded: `!abc:hub.local` */
                conversation_id: string;
                /** @description A person's id, the `sub` of their token: `user_2x` */
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Not in it any more */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A viewer, or not allowed in this room */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    messaging_edit_message: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A message's id, raw or percent-encoded: `$evt123` */
                message_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MessagingEditMessage"];
            };
        };
        responses: {
            /** @description The message as it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessagingMessage"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Somebody else's, or not allowed here */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It was deleted */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    messaging_delete_message: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A message's id, raw or percent-encoded: `$evt123` */
                message_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted, now or before */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Somebody else's */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    messaging_add_reaction: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A message's id, raw or percent-encoded: `$evt123` */
                message_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MessagingAddReaction"];
            };
        };
        responses: {
            /** @description The reaction */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessagingReaction"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A viewer, or not allowed in this room */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The message was deleted */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    messaging_remove_reaction: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The emoji, percent-encoded */
                emoji: string;
                /** @description A message's id, raw or percent-encoded: `$evt123` */
                message_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Taken back */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A viewer, or not allowed in this room */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    messaging_mark_read: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A message's id, raw or percent-encoded: `$evt123` */
                message_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Marked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description It does not exist, or the caller may not see it */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    messaging_search: {
        parameters: {
            query: {
                /** @description Only in this conversation. */
                conversationId?: string;
                /** @description How many a page holds: 1 to 100, by default 20. */
                limit?: number;
                /** @description Which page: 1, the default, has the newest messages. */
                page?: number;
                /** @description A part of the text, in any case; 1 to 128 characters. */
                query: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of messages */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessagingFound"][];
                };
            };
            /** @description The input is wrong; `details` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No such conversation, or not the caller's */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    messaging_upload: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": components["schemas"]["UploadFile"];
            };
        };
        responses: {
            /** @description The file */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UploadedFile"];
                };
            };
            /** @description The input is wrong; `details` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description A viewer, or not allowed in this room */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The file is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description The homeserver or the database is away and nothing was done; try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    metrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Metrics */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description No token, or none that counts */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description No admin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            /** @description Too many requests; `Retry-After` says when to come again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    ready: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description They do */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Probe"];
                };
            };
            /** @description The database or the homeserver is away */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Probe"];
                };
            };
        };
    };
}
