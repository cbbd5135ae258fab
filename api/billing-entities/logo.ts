import { z } from 'zod';

/** Bytes of an image at most: a list of entities carries their logos. */
const LOGO_BYTES_MAX = 256 * 1024;

/** Characters of its data URL: four for three bytes, and the head. */
const LOGO_TEXT_MAX = Math.ceil(LOGO_BYTES_MAX / 3) * 4 + 64;

/** The first bytes of each kind of image that is taken: what a file is called says nothing. */
const SIGNATURES: Readonly<Record<string, readonly number[]>> = {
  'image/png': [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
  'image/jpeg': [0xff, 0xd8, 0xff],
};

/** Why a text is no logo; null: it is one (spec, api 1.3). */
export function logoProblem(text: string): 'invalid_size' | 'invalid_content_type' | null {
  if (text.length > LOGO_TEXT_MAX) return 'invalid_size';
  const [, type = '', base64 = ''] = /^data:(image\/(?:png|jpeg));base64,([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? [];
  const signature = SIGNATURES[type];
  if (!signature) return 'invalid_content_type';
  const bytes = Buffer.from(base64, 'base64');
  if (!signature.every((byte, index) => bytes[index] === byte)) return 'invalid_content_type';
  return bytes.length > LOGO_BYTES_MAX ? 'invalid_size' : null;
}

/** A PNG or JPEG as a data URL, which is also how it is answered; null and blank: none. */
export const logo = z
  .string()
  .nullish()
  .transform((text) => (text?.trim() === '' ? null : text))
  .superRefine((text, context) => {
    const problem = text == null ? null : logoProblem(text);
    if (problem !== null) context.addIssue({ code: 'custom', message: problem });
  })
  .meta({ description: 'PNG or JPEG of at most 256 KiB.', examples: ['data:image/png;base64,iVBORw0KGgo='] });
