import { type AskedCors, MAX_AGE_SECONDS, METHODS } from './cors.ts'
import { awsList, jsonText, type PolicyDocument } from './document.ts'

/** Letters of a name that CloudFront takes for a policy or a function. https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreateFunction.html */
export const cloudfrontName = (bucket: string, what: string): string =>
  `lading-${bucket.replace(/[^A-Za-z0-9_-]/g, '-')}-${what}`.slice(0, 64)

/**
 * The response headers policy for what CloudFront serves out of the bucket. It is applied to each answer as it leaves,
 * also to one that was cached for a visitor without an Origin; to those CloudFront says `Vary: Origin`.
 * https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_ResponseHeadersPolicyConfig.html,
 * https://github.com/ttoss/ttoss/pull/1205
 */
export function corsHeadersPolicy({ bucket, origins }: AskedCors): PolicyDocument {
  const config = {
    Name: cloudfrontName(bucket, 'cors'),
    Comment: 'Pages of other hosts may read these files',
    CorsConfig: {
      AccessControlAllowOrigins: awsList(...origins),
      AccessControlAllowMethods: awsList(...METHODS),
      // CloudFront requires at least one; this one is CORS-safelisted anyway
      AccessControlAllowHeaders: awsList('Range'),
      AccessControlAllowCredentials: false,
      AccessControlMaxAgeSec: MAX_AGE_SECONDS,
      OriginOverride: true,
    },
    SecurityHeadersConfig: { ContentTypeOptions: { Override: true } },
    CustomHeadersConfig: awsList({
      Header: 'Cross-Origin-Resource-Policy',
      Value: 'cross-origin',
      Override: true,
    }),
  }
  return {
    file: 'headers.json',
    text: jsonText(config),
    commands: ['aws cloudfront create-response-headers-policy --response-headers-policy-config file://headers.json'],
    notes: [
      'For a bucket behind CloudFront: the policy answers in front of the cache, so that no cached answer without CORS is given to a script. The bucket needs no CORS of its own then.',
      'Attach the Id that the command prints to the cache behavior of these files, as its ResponseHeadersPolicyId.',
      'A bucket that browsers ask themselves needs --part bucket instead.',
    ],
  }
}
