import { setting } from './settings'

/** Signs a Matrix client in with an app password, as Element does; answers the HTTP status and the client's access token. */
export async function signInClient(user: string, password: string, device: string): Promise<{ status: number; token: string }> {
  const answer = await fetch(`${setting('E2E_GATEWAY_URL')}/_matrix/client/v3/login`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
      type: 'm.login.password',
      identifier: { type: 'm.id.user', user },
      password,
      initial_device_display_name: device,
    }),
  })
  const body = (await answer.json()) as { access_token?: string }
  return { status: answer.status, token: body.access_token ?? '' }
}

/** Whether a client is still signed in: the HTTP status of asking who it is. */
export async function whoAmI(token: string): Promise<number> {
  const headers = { Authorization: `Bearer ${token}` }
  return (await fetch(`${setting('E2E_GATEWAY_URL')}/_matrix/client/v3/account/whoami`, { headers })).status
}
