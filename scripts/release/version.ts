export type Version = readonly [major: number, minor: number, patch: number];

/** @throws Error when it is not three numbers such as 0.2.0. */
export function parseVersion(text: string): Version {
  const parts = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/.exec(text);
  if (!parts) throw new Error(`"${text}" is not a version such as 0.2.0.`);
  return [Number(parts[1]), Number(parts[2]), Number(parts[3])];
}

/** Below 0 when the first comes before the second. */
export function compareVersions(one: string, other: string): number {
  const [first, second] = [parseVersion(one), parseVersion(other)];
  return first.map((part, index) => part - second[index]!).find((difference) => difference !== 0) ?? 0;
}

/** What all patches of a release share: 0.2 of 0.2.1. */
export const lineOf = (version: string): string => parseVersion(version).slice(0, 2).join('.');
