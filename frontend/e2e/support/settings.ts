/** What `cargo xtask test` tells the tests about the service that it has started for them. */
type Name = 'E2E_BASE_URL' | 'E2E_HUB_SECRET' | 'E2E_SERVICE_TOKEN' | 'E2E_GATEWAY_URL'

export function setting(name: Name): string {
  const value = process.env[name]
  if (value === undefined || value === '') {
    throw new Error(`${name} is not set: these tests are run by \`cargo xtask test --only frontend-e2e\``)
  }
  return value
}
