import { createRouter, createWebHistory } from 'vue-router'

/** The pages. Everything but the chat is loaded when somebody goes there. */
export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: '/', name: 'chat', component: () => import('./chat/ChatPage.vue') },
    {
      path: '/rooms/:roomId/:eventId?',
      name: 'room',
      component: () => import('./chat/ChatPage.vue'),
      props: true,
    },
    {
      path: '/settings/:section?',
      name: 'settings',
      component: () => import('./settings/SettingsPage.vue'),
      props: true,
    },
    {
      path: '/admin',
      name: 'admin',
      component: () => import('./admin/AdminPage.vue'),
      children: [
        { path: '', name: 'admin-overview', component: () => import('./admin/OverviewPage.vue') },
        { path: 'people', name: 'admin-people', component: () => import('./admin/PeoplePage.vue') },
        {
          path: 'people/:hubUserId',
          name: 'admin-person',
          component: () => import('./admin/PersonPage.vue'),
          props: true,
        },
        { path: 'rooms', name: 'admin-rooms', component: () => import('./admin/RoomsPage.vue') },
        { path: 'rooms/:roomId', name: 'admin-room', component: () => import('./admin/RoomPage.vue'), props: true },
        {
          path: 'notifications',
          name: 'admin-notifications',
          component: () => import('./admin/NotificationsPage.vue'),
        },
        {
          path: 'service-tokens',
          name: 'admin-service-tokens',
          component: () => import('./admin/ServiceTokensPage.vue'),
        },
        { path: 'broadcasts', name: 'admin-broadcasts', component: () => import('./admin/BroadcastsPage.vue') },
        { path: 'rules', name: 'admin-rules', component: () => import('./admin/RulesPage.vue') },
        { path: 'webhooks', name: 'admin-webhooks', component: () => import('./admin/WebhooksPage.vue') },
        {
          path: 'webhooks/:webhookId',
          name: 'admin-webhook',
          component: () => import('./admin/WebhookPage.vue'),
          props: true,
        },
        { path: 'sessions', name: 'admin-sessions', component: () => import('./admin/SessionsPage.vue') },
        { path: 'audit', name: 'admin-audit', component: () => import('./admin/AuditPage.vue') },
      ],
    },
    { path: '/:rest(.*)*', name: 'nowhere', component: () => import('./ui/NowherePage.vue') },
  ],
})
