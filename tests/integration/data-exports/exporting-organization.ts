import { actsByHand, type ActsByHand } from '../../support/acts-by-hand.ts';
import type { ActivityDependencies } from '../../../activities/dependencies.ts';
import { textAt, type Answer, type Caller, type ListeningApp } from '../api/listening-app.ts';

/** The moment at which its clock stands. */
export const NOW = '2024-03-05T10:00:00.000Z';

export interface ExportingOrganization extends Caller {
  readonly acts: ActsByHand;
  /** Asks for an export and makes it. @returns its id. */
  exported(dataExport: object): Promise<string>;
  /** The text of the file. */
  downloaded(id: string): Promise<string>;
  shown(id: string): Promise<any>;
  download(id: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
}

/** An organization in test mode whose exports are made by hand. */
export async function exportingOrganization(
  app: ListeningApp,
  settings: Readonly<Record<string, unknown>> = {},
  overrides: Partial<ActivityDependencies> = {},
): Promise<ExportingOrganization> {
  const caller = await app.organization({
    default_currency: 'EUR',
    timezone: 'Europe/Paris',
    document_number_prefix: 'GOLD',
    ...settings,
  });
  const organization = exportingAs(app, caller, overrides);
  await organization.acts.run(NOW);
  return organization;
}

/** The same organization, whose exports are made by hand in another way. */
export function exportingAs(
  app: ListeningApp,
  caller: Caller,
  overrides: Partial<ActivityDependencies>,
): ExportingOrganization {
  const acts = actsByHand(app.orm, caller.organizationId, overrides);
  const shown = async (id: string): Promise<any> =>
    ((await caller.ok('GET', `/data_exports/${id}`)) as any).data_export;
  const download: ExportingOrganization['download'] = (id, headers) =>
    caller.send('GET', `/data_exports/${id}/download`, undefined, headers);
  return {
    ...caller,
    acts,
    shown,
    download,
    exported: async (dataExport) => {
      const id = textAt(await caller.ok('POST', '/data_exports', { data_export: dataExport }), 'data_export.lago_id');
      await acts.run(NOW);
      return id;
    },
    downloaded: async (id) => {
      const { status, body } = await download(id);
      if (status !== 200) throw new Error(`the download of ${id} answered ${status}: ${JSON.stringify(body)}`);
      return String(body);
    },
  };
}
