/** Where a file says the version of the release. */
export interface VersionPlace {
  readonly version: string;
  /** Offsets in the text. */
  readonly from: number;
  readonly to: number;
}

const VERSION = String.raw`(?<version>\d+\.\d+\.\d+(?:-[\w.]+)?)`;

/** Images of the release wherever they are named, in comments too. */
const IMAGE = new RegExp(String.raw`\bdurabill(?:-[a-z]+)?:${VERSION}`, 'dg');

/** Places by the name of the file. */
const OF_FILE: readonly (readonly [file: RegExp, places: readonly RegExp[]])[] = [
  [/^package\.json$/, [new RegExp(`^ {2}"version": "${VERSION}"`, 'dgm')]],
  [
    /^package-lock\.json$/,
    [
      new RegExp(`^ {2}"version": "${VERSION}"`, 'dgm'),
      new RegExp(`^ {4}"": \\{\\n {6}"name": "[^"]*",\\n {6}"version": "${VERSION}"`, 'dgm'),
    ],
  ],
  // The document of the API, if it is kept as a file.
  [/openapi[^/]*\.json$/, [new RegExp(`"info": ?\\{[^]*?"version": ?"${VERSION}"`, 'd')]],
  [/openapi[^/]*\.ya?ml$/, [new RegExp(`^info:\\n(?:[ ]+.*\\n)*? {2}version: ['"]?${VERSION}`, 'dm')]],
];

/** History, and what tests invent, say other versions. */
const OTHER = /^(CHANGELOG\.md$|releases\/|tests\/|node_modules\/)/;

/** Whether a file may say the version at all. */
export const maySayVersion = (file: string): boolean =>
  !OTHER.test(file) && /(\.(json|ya?ml|md|ts|js|cjs|sh)|(^|\/)Dockerfile[^/]*)$/.test(file);

/** Where a file says the version, in order. */
export function versionPlaces(file: string, text: string): VersionPlace[] {
  if (!maySayVersion(file)) return [];
  const patterns = OF_FILE.filter(([name]) => name.test(file)).flatMap(([, places]) => places);
  return [...patterns, IMAGE]
    .flatMap((pattern) => [...text.matchAll(pattern.global ? pattern : new RegExp(pattern, `${pattern.flags}g`))])
    .map(({ groups, indices }) => {
      const [from, to] = indices!.groups!['version']!;
      return { version: groups!['version']!, from, to };
    })
    .toSorted((one, other) => one.from - other.from);
}

/** The text with this version at every place. */
export function withVersion(file: string, text: string, version: string): string {
  return versionPlaces(file, text).reduceRight(
    (changed, { from, to }) => `${changed.slice(0, from)}${version}${changed.slice(to)}`,
    text,
  );
}
