import { LadingError } from '../words/errors.ts'
import { cloudfrontName } from './cors-cloudfront.ts'
import { awsList, jsonText, type PolicyDocument } from './document.ts'
import type { Edge } from './edge.ts'
import { prefixPath, routeSource } from './edge-route.ts'

/** Bytes of a function's code. https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html#limits-functions */
const FUNCTION_BYTES = 10_240

/** CachingOptimized: the key is the path alone. https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html */
export const CACHING_OPTIMIZED = '658327ea-f89d-4fab-a63d-7e88639e58f6'

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html */
export function cloudfrontFunction(edge: Edge): PolicyDocument {
  const name = cloudfrontName(edge.bucket, 'edge')
  const text = `// CloudFront Function (cloudfront-js-2.0, viewer request) by lading policy edge
${routeSource(edge)}${edge.hasPages ? QUERY : ''}
function handler(event) {
  var request = event.request;
  var found = route(request.uri);
${edge.hasPages ? ANSWER : ''}  if (found.status) return { statusCode: 404, statusDescription: 'Not Found' };
${edge.brotli ? ASK_BROTLI : ''}  request.uri = found.uri;
  return request;
}
`
  checkSize(text)
  return {
    file: 'edge.js',
    text,
    commands: [
      `aws cloudfront create-function --name ${name} --function-config Comment=Lading,Runtime=cloudfront-js-2.0 --function-code fileb://edge.js`,
      `aws cloudfront publish-function --name ${name} --if-match ETAG`,
    ],
    notes: [
      'Attach it to the cache behavior of the site, event type viewer-request. The path of the origin (OriginPath) stays empty: the function adds the prefix.',
      ...(edge.hasPages ? ['Pages for what is missing: --part errors.'] : []),
      ...(edge.brotli ? [EVERY_BROTLI] : []),
    ],
  }
}

/** A function cannot look whether a key is there. */
const EVERY_BROTLI =
  'With --brotli a text file below a/ that has no .br beside it is not found, so every kind of text needs a compress rule with br. CloudFront compresses by itself (Compress: true): use this only where every text file has its .br.'

function checkSize(text: string): void {
  const bytes = new TextEncoder().encode(text).length
  if (bytes <= FUNCTION_BYTES) return
  throw new LadingError('E_TOO_LARGE', `the function has ${bytes} bytes; CloudFront takes ${FUNCTION_BYTES}`, {
    why: 'It holds every redirect of _redirects, and files and folders with unusual names.',
    hint: 'Move redirects into a CloudFront KeyValueStore, or to pages that redirect.',
  })
}

/** CloudFront provides the query parsed into parts, still encoded. */
const QUERY = `
function queryOf(parts) {
  var pairs = [];
  Object.keys(parts).forEach(function (name) {
    (parts[name].multiValue || [parts[name]]).forEach(function (one) {
      pairs.push(one.value === '' ? name : name + '=' + one.value);
    });
  });
  return pairs.join('&');
}
`

const ANSWER = `  if (found.to) {
    return {
      statusCode: found.status,
      statusDescription: found.status === 301 ? 'Moved Permanently' : 'Redirect',
      headers: {
        location: { value: withQuery(found.to, queryOf(request.querystring)) },
        'cache-control': { value: 'max-age=3600' }
      }
    };
  }
`

const ASK_BROTLI = `  var accepts = request.headers['accept-encoding'];
  if (accepts && hasBrotli(found.uri, accepts.value)) found.uri += '.br';
`

/** How long CloudFront caches a 404, in seconds: short, so that a file added later is seen soon. */
const MISSING_SECONDS = 10

/** A private bucket answers 403 for what it does not have, unless the CDN may list it. https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CustomErrorResponse.html */
export function cloudfrontErrors(edge: Edge): PolicyDocument {
  const response = (code: number) => ({
    ErrorCode: code,
    ResponsePagePath: `${prefixPath(edge)}404.html`,
    ResponseCode: '404',
    ErrorCachingMinTTL: MISSING_SECONDS,
  })
  return {
    file: 'errors.json',
    text: jsonText(awsList(response(403), response(404))),
    commands: [GET_CONFIG, UPDATE_CONFIG],
    notes: [
      'Put it into distribution.json as DistributionConfig.CustomErrorResponses, and give update-distribution the DistributionConfig alone.',
      'It holds for the whole distribution: what another origin answers with 403 or 404 gets this page too.',
    ],
  }
}

const GET_CONFIG = 'aws cloudfront get-distribution-config --id DISTRIBUTION > distribution.json'
const UPDATE_CONFIG =
  'aws cloudfront update-distribution --id DISTRIBUTION --if-match ETAG --distribution-config file://config.json'

/**
 * Sends one path of the site's own host to the bucket. An update wants the fields that a creation may leave out.
 * https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CacheBehavior.html,
 * https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_UpdateDistribution.html
 */
export function cloudfrontBehavior({ bucket, mount }: Edge): PolicyDocument {
  const behavior = {
    PathPattern: `${mount}*`,
    TargetOriginId: cloudfrontName(bucket, 'assets'),
    ViewerProtocolPolicy: 'redirect-to-https',
    AllowedMethods: { ...awsList('GET', 'HEAD'), CachedMethods: awsList('GET', 'HEAD') },
    Compress: true,
    CachePolicyId: CACHING_OPTIMIZED,
    TrustedSigners: { Enabled: false, Quantity: 0 },
    TrustedKeyGroups: { Enabled: false, Quantity: 0 },
    LambdaFunctionAssociations: { Quantity: 0 },
    FunctionAssociations: { Quantity: 0 },
    FieldLevelEncryptionId: '',
    SmoothStreaming: false,
  }
  return {
    file: 'behavior.json',
    text: jsonText(behavior),
    commands: [GET_CONFIG, UPDATE_CONFIG],
    notes: [
      `Add it to DistributionConfig.CacheBehaviors.Items in distribution.json, and the bucket to Origins with the Id ${behavior.TargetOriginId}; give update-distribution the DistributionConfig alone.`,
      `CloudFront does not take the path off: the prefix in the bucket is ${mount.slice(1)} too, and the origin has no path of its own.`,
      'What answers for .lading/ there is the state of the deploys: --part function hides it.',
    ],
  }
}
