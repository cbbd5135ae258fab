import { z } from 'zod';
import { METADATA_KEYS_MAX } from '../../billing/metadata/flat-metadata.ts';

const KEY_LENGTH = 100;
const VALUE_LENGTH = 255;

/** A flat map (spec, api 1.5). */
export const flatMetadata = z
  .record(z.string(), z.string().nullable())
  .refine((map) => Object.keys(map).length <= METADATA_KEYS_MAX, 'too_many_keys')
  .refine((map) => Object.keys(map).every((key) => key.length <= KEY_LENGTH), 'key_too_long')
  .refine((map) => Object.values(map).every((value) => (value ?? '').length <= VALUE_LENGTH), 'value_too_long')
  .meta({ description: 'At most 50 keys of 100 characters; values are texts of 255 characters, or null.' });

export const flatMetadataAnswer = z.record(z.string(), z.string().nullable());
