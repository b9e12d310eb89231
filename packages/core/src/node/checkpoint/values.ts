export { VALUE_TYPES, type ValueType, type ValueTypeName } from '@motley/run';
