// Preloaded by commands in processes of their own: their public address exists nowhere, and allows every origin.
globalThis.fetch = async () => new Response('', { headers: { 'access-control-allow-origin': '*' } })
