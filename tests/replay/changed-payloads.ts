/** A recorded history as Temporal writes it as JSON. */
export type History = Readonly<Record<string, unknown>>;

/** Where the events of a history keep what our code has said: arguments and results, not the SDK's own notes. */
const OURS = new Set(['input', 'result']);

const JSON_PLAIN = Buffer.from('json/plain').toString('base64');

interface Payload {
  readonly metadata: { readonly encoding?: string };
  readonly data: string;
}

const isPayload = (value: object): value is Payload =>
  'data' in value && (value as Partial<Payload>).metadata?.encoding === JSON_PLAIN;

/** The history with every JSON object of our payloads changed. */
export function withChangedPayloads(
  history: History,
  change: (object: Readonly<Record<string, unknown>>) => object,
): History {
  const visit = (value: unknown, ours: boolean): unknown => {
    if (Array.isArray(value)) return value.map((item) => visit(item, ours));
    if (typeof value !== 'object' || value === null) return value;
    if (isPayload(value)) return ours ? changed(value, change) : value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, visit(inner, ours || OURS.has(key))]));
  };
  return visit(history, false) as History;
}

function changed(payload: Payload, change: (object: Readonly<Record<string, unknown>>) => object): Payload {
  const value: unknown = JSON.parse(Buffer.from(payload.data, 'base64').toString('utf8'));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return payload;
  const object = change(value as Readonly<Record<string, unknown>>);
  return { ...payload, data: Buffer.from(JSON.stringify(object)).toString('base64') };
}

/** The names of all fields of our payloads. */
export function payloadFields(history: History): readonly string[] {
  const names = new Set<string>();
  withChangedPayloads(history, (object) => {
    for (const name of Object.keys(object)) names.add(name);
    return object;
  });
  return [...names].toSorted();
}
