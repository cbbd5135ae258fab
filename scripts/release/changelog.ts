const UNRELEASED = /^## Unreleased\n/m;

/** The entries of the section Unreleased, as they stand. */
export function unreleasedText(changelog: string): string {
  const heading = UNRELEASED.exec(changelog);
  if (!heading) throw new Error('CHANGELOG.md has no section "## Unreleased".');
  const rest = changelog.slice(heading.index + heading[0].length);
  return rest.slice(0, /^## /m.exec(rest)?.index ?? rest.length).trim();
}

/** What is unreleased becomes the section of a version. */
export function withUnreleasedAs(changelog: string, version: string, date: string): string {
  if (!unreleasedText(changelog).startsWith('- ')) {
    throw new Error('CHANGELOG.md says nothing under "## Unreleased": there is nothing to release.');
  }
  return changelog.replace(UNRELEASED, `## Unreleased\n\n## ${version} - ${date}\n`);
}

/** A section of a version with these entries right under Unreleased, which loses them where it has them. */
export function withSection(changelog: string, version: string, date: string, entries: readonly string[]): string {
  const unreleased = unreleasedText(changelog);
  const left = entriesOf(unreleased).filter((entry) => !entries.includes(entry));
  const sections = ['## Unreleased', left.join('\n'), `## ${version} - ${date}`, entries.join('\n')];
  const heading = UNRELEASED.exec(changelog)!;
  const before = changelog.slice(0, heading.index);
  const after = changelog
    .slice(heading.index + heading[0].length)
    .trimStart()
    .slice(unreleased.length)
    .trimStart();
  return `${[before.trimEnd(), ...sections, after.trimEnd()].filter((part) => part !== '').join('\n\n')}\n`;
}

/** A list's entries, each with its further lines. */
export const entriesOf = (text: string): string[] => {
  const entries: string[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('- ')) entries.push(line);
    else if (line.startsWith('  ') && entries.length > 0) entries.push(`${entries.pop()}\n${line}`);
  }
  return entries;
};

/** The entries of a version's section. */
export function sectionText(changelog: string, version: string): string {
  const heading = new RegExp(`^## ${version.replaceAll('.', '\\.')} - .*\\n`, 'm').exec(changelog);
  if (!heading) throw new Error(`CHANGELOG.md has no section of ${version}.`);
  const rest = changelog.slice(heading.index + heading[0].length);
  return rest.slice(0, /^## /m.exec(rest)?.index ?? rest.length).trim();
}
