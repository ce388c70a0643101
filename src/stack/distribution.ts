import { corsPolicy } from '../policy/cors.ts'
import { edgePolicy } from '../policy/edge.ts'
import { CACHING_OPTIMIZED } from '../policy/edge-cloudfront.ts'
import type { SiteRequest } from './site.ts'
import { attribute, type Resource, ref, sub, type Value } from './template.ts'

const READ: readonly string[] = ['GET', 'HEAD']

/** What visitors ask, and how it asks the bucket. */
export function distribution(request: SiteRequest): Readonly<Record<string, Resource>> {
  return {
    OriginAccess: originAccess(),
    ...(request.hasPages && { EdgeFunction: edgeFunction(request) }),
    ...(request.origins && { CorsHeaders: corsHeaders(request.origins) }),
    Distribution: { Type: 'AWS::CloudFront::Distribution', Properties: { DistributionConfig: config(request) } },
  }
}

/** Names of CloudFront hold for an account, in whichever region a stack is. */
const named = (what: string): Value => sub(`\${Name}-${what}-\${AWS::Region}`)

function originAccess(): Resource {
  return {
    Type: 'AWS::CloudFront::OriginAccessControl',
    Properties: {
      OriginAccessControlConfig: {
        Name: named('store'),
        OriginAccessControlOriginType: 's3',
        SigningBehavior: 'always',
        SigningProtocol: 'sigv4',
      },
    },
  }
}

/** What `policy edge` prints, for a store that lies where visitors see it: `OriginPath` adds the rest. */
function edgeFunction({ edge }: SiteRequest): Resource {
  return {
    Type: 'AWS::CloudFront::Function',
    Properties: {
      Name: named('edge'),
      AutoPublish: true,
      FunctionCode: edgePolicy({ ...edge, part: 'function' }).text,
      FunctionConfig: { Comment: 'Lading', Runtime: 'cloudfront-js-2.0' },
    },
  }
}

/** What `policy cors` prints, written as CloudFormation does: lists have no length. */
function corsHeaders(origins: readonly string[]): Resource {
  const { text } = corsPolicy({ provider: 'aws', part: 'headers', origins })
  const config = JSON.parse(text, (name, value) => (name === 'Quantity' ? undefined : value))
  return {
    Type: 'AWS::CloudFront::ResponseHeadersPolicy',
    Properties: { ResponseHeadersPolicyConfig: { ...config, Name: named('cors') } },
  }
}

function config({ hasPages, origins, domains, originPath, edge }: SiteRequest): Value {
  return {
    Enabled: true,
    Comment: sub(`\${Name}: a site by Lading`),
    HttpVersion: 'http2and3',
    IPV6Enabled: true,
    PriceClass: ref('PriceClass'),
    // No DefaultRootObject: where there are pages the function answers for every folder, and would redirect the name
    // that CloudFront put in its place.
    Origins: [
      {
        Id: 'store',
        DomainName: attribute('Bucket', 'RegionalDomainName'),
        ...(originPath !== '' && { OriginPath: originPath }),
        OriginAccessControlId: attribute('OriginAccess', 'Id'),
        S3OriginConfig: { OriginAccessIdentity: '' },
      },
    ],
    DefaultCacheBehavior: {
      TargetOriginId: 'store',
      ViewerProtocolPolicy: 'redirect-to-https',
      AllowedMethods: READ,
      CachedMethods: READ,
      Compress: true,
      CachePolicyId: CACHING_OPTIMIZED,
      ...(origins && { ResponseHeadersPolicyId: ref('CorsHeaders') }),
      ...(hasPages && {
        FunctionAssociations: [{ EventType: 'viewer-request', FunctionARN: attribute('EdgeFunction', 'FunctionARN') }],
      }),
    },
    ...(hasPages && { CustomErrorResponses: missing(edge) }),
    ...(domains.length > 0 && { Aliases: domains }),
    ViewerCertificate: certificate(domains),
  }
}

/** What `policy edge --part errors` prints, as CloudFormation writes it. */
function missing(edge: SiteRequest['edge']): Value {
  const { text } = edgePolicy({ ...edge, part: 'errors' })
  return JSON.parse(text, (name, value) => (name === 'ResponseCode' ? Number(value) : value)).Items
}

/** At its own name CloudFront takes TLS 1.0 too, whatever is said. https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_ViewerCertificate.html */
function certificate(domains: readonly string[]): Value {
  if (domains.length === 0) return { CloudFrontDefaultCertificate: true }
  return {
    AcmCertificateArn: ref('CertificateArn'),
    SslSupportMethod: 'sni-only',
    MinimumProtocolVersion: 'TLSv1.2_2021',
  }
}
