import { type Attribute, AttributeType } from '../c-api/attributes.ts';

export function typeAttribute(name: string, dataType: number | readonly number[]): Attribute {
  return { name, type: AttributeType.type, value: dataType };
}

export function integerAttribute(name: string, value: number | readonly number[]): Attribute {
  return { name, type: AttributeType.int, value };
}

export function booleanAttribute(name: string, value: boolean): Attribute {
  return { name, type: AttributeType.bool, value };
}

export function stringAttribute(name: string, value: string | readonly string[]): Attribute {
  return { name, type: AttributeType.string, value };
}
