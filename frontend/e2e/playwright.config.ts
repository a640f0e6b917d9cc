import { defineConfig } from '@playwright/test'
import { setting } from './support/settings'

/** `cargo xtask test --only frontend-e2e` starts a service for the tests and runs them. */
export default defineConfig({
  testMatch: '**/*.spec.ts',
  outputDir: '../test-results',
  forbidOnly: true,
  // Two cores have enough to do with the service, the homeserver and the browsers of one test.
  workers: 1,
  retries: 0,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  reporter: 'list',
  use: {
    baseURL: setting('E2E_BASE_URL'),
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    colorScheme: 'light',
    actionTimeout: 20_000,
    navigationTimeout: 30_000,
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env['E2E_CHROMIUM'] ?? '/usr/bin/chromium',
      // Chromium has no sandbox for root, and Docker's /dev/shm is small.
      args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'],
    },
  },
})
