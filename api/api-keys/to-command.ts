import type { ApiKeyChange } from '../../activities/api-keys/change-api-key.ts';
import type { ApiKeyCommand } from '../../activities/api-keys/create-api-key.ts';
import type { KeyScope } from '../../activities/api-keys/lock-keys.ts';
import type { Rotation } from '../../activities/api-keys/rotate-api-key.ts';
import { scopeWith } from '../http/command-scope.ts';
import type { RequestContext } from '../http/request-context.ts';
import type { ApiKeyInput, ApiKeyRotation, ApiKeyUpdate } from './schema.ts';

export const keyScopeOf = (context: RequestContext): KeyScope => scopeWith(context, { apiKeyId: context.apiKey.id });

/** A name without blanks around it; one of nothing else is none. */
const trimmed = (text: string | null | undefined): string | null => (text?.trim() ? text.trim() : null);

export const toApiKeyCommand = ({ name, permissions, expires_at: expiresAt }: ApiKeyInput): ApiKeyCommand => ({
  name: trimmed(name),
  permissions: permissions ?? null,
  expiresAt: expiresAt ?? null,
});

export const toApiKeyChange = ({ name, permissions }: ApiKeyUpdate): ApiKeyChange => ({
  ...(name !== undefined && { name: trimmed(name) }),
  ...(permissions !== undefined && { permissions }),
});

export const toRotation = (rotation: ApiKeyRotation | null | undefined): Rotation => ({
  ...(rotation?.name !== undefined && { name: trimmed(rotation.name) }),
  endsAt: rotation?.expires_at ?? null,
});
