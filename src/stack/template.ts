/** What CloudFormation takes as a value: a text, or a function of it such as `{ Ref: 'Name' }`. */
export type Value = string | number | boolean | readonly Value[] | { readonly [name: string]: Value }

export interface Resource {
  readonly Type: string
  readonly Condition?: string
  readonly DeletionPolicy?: 'RetainExceptOnCreate'
  readonly UpdateReplacePolicy?: 'Retain'
  readonly DependsOn?: readonly string[]
  readonly UpdatePolicy?: Value
  readonly Properties: { readonly [name: string]: Value }
}

export interface Parameter {
  readonly Type: string
  readonly Description: string
  /** @default none: a required parameter */
  readonly Default?: string | number
  readonly AllowedPattern?: string
  readonly AllowedValues?: readonly string[]
  readonly MinValue?: number
  readonly MaxValue?: number
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html */
export interface Template {
  readonly AWSTemplateFormatVersion: '2010-09-09'
  readonly Description: string
  readonly Parameters: Readonly<Record<string, Parameter>>
  readonly Conditions: Readonly<Record<string, Value>>
  readonly Resources: Readonly<Record<string, Resource>>
  readonly Outputs: Readonly<Record<string, { readonly Description: string; readonly Value: Value }>>
}

export interface Statement {
  readonly Sid: string
  readonly Effect: 'Allow' | 'Deny'
  /** Only in the policies of what is asked or assumed: a bucket, a queue, a role. */
  readonly Principal?: '*' | { readonly Service: string } | { readonly Federated: Value }
  readonly Action: string | readonly string[]
  readonly Resource?: Value
  readonly Condition?: Value
}

export const ref = (name: string): Value => ({ Ref: name })

export const attribute = (resource: string, name: string): Value => ({ 'Fn::GetAtt': [resource, name] })

/** A text with `${Parameters}` and `${Resource.Attributes}` in it. */
export const sub = (text: string): Value => ({ 'Fn::Sub': text })

/** Any text as a part of one for `sub`. */
export const literal = (text: string): string => text.replaceAll('${', '${!')

/** A condition: the parameter is not empty. */
export const isGiven = (parameter: string): Value => ({ 'Fn::Not': [{ 'Fn::Equals': [ref(parameter), ''] }] })

/** An IAM policy's document. */
export function policy(...statements: readonly Statement[]): Value {
  // Spread, since an interface has no index signature, though its members are all values.
  return { Version: '2012-10-17', Statement: statements.map((statement) => ({ ...statement }) as Value) }
}
