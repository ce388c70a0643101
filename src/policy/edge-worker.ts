import type { PolicyDocument } from './document.ts'
import type { Edge } from './edge.ts'
import { routeSource } from './edge-route.ts'

/**
 * A Cloudflare Worker (or Snippet) in front of the bucket's own domain, whose answers it hands through: ranges,
 * conditions and the cache stay Cloudflare's.
 * https://developers.cloudflare.com/workers/runtime-apis/handlers/fetch/, https://developers.cloudflare.com/r2/buckets/public-buckets/
 */
export function cloudflareWorker(edge: Edge): PolicyDocument {
  const isPath = edge.url?.kind === 'path'
  const text = `// Cloudflare Worker by lading policy edge
// The bucket's own domain; empty: the host that was asked.
var ORIGIN = ${JSON.stringify(isPath ? 'https://BUCKET-DOMAIN' : '')};
${routeSource(edge)}
function ask(request, uri) {
  var url = new URL(request.url);
  var target = ORIGIN === '' ? new URL(url) : new URL(ORIGIN);
  target.pathname = uri;
  target.search = url.search;
  return fetch(new Request(target, request));
}

async function read(request, uri) {
${edge.brotli ? TRY_BROTLI : ''}  return ask(request, uri);
}

export default {
  async fetch(request) {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return new Response('Method Not Allowed', { status: 405, headers: { allow: 'GET, HEAD' } });
    }
    var url = new URL(request.url);
    var found = route(url.pathname);
${edge.hasPages ? ANSWER : ''}    if (found.status) return new Response('Not Found', { status: 404 });
    var file = await read(request, found.uri);
${edge.hasPages ? MISSING : ''}    return file;
  }
};
`
  return {
    file: 'worker.js',
    text,
    commands: [
      `npx wrangler deploy worker.js --name lading-edge --compatibility-date YYYY-MM-DD --route "${routeOf(edge)}"`,
    ],
    notes: [
      isPath
        ? 'Set ORIGIN to the domain that the bucket is connected to. Cloudflare caches the files by their addresses there, which Lading does not know: purge by hand, at that domain, what a deploy replaces and what remove --now takes down.'
        : 'The bucket is connected to this host as a custom domain; the Worker runs in front of it.',
      ...(edge.brotli ? ['A text file below a/ without a .br beside it is asked for a second time, without it.'] : []),
    ],
  }
}

function routeOf({ url, mount }: Edge): string {
  const host = url?.kind === 'host' ? new URL(url.href).host : 'HOST'
  return `${host}${mount}*`
}

const ANSWER = `    if (found.to) {
      var location = withQuery(found.to, url.search.slice(1));
      return new Response(null, { status: found.status, headers: { location: location, 'cache-control': 'max-age=3600' } });
    }
`

const MISSING = `    if (file.status === 404) {
      var page = await ask(new Request(request.url), PREFIX + '404.html');
      if (page.ok) return new Response(request.method === 'HEAD' ? null : page.body, { status: 404, headers: page.headers });
    }
`

const TRY_BROTLI = `  if (hasBrotli(uri, request.headers.get('accept-encoding') || '')) {
    var small = await ask(request, uri + '.br');
    if (small.status !== 404) return small;
  }
`
