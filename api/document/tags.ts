import type { PermissionResource } from '../../billing/api-keys/permission-resources.ts';

/** A group of operations in the document. */
interface Tag {
  readonly name: string;
  readonly description: string;
  /** Of its routes. */
  readonly permissions: readonly PermissionResource[];
}

/**
 * In the order in which somebody needs them who starts: what is metered, what it costs, who uses it, what that comes
 * to.
 */
const TAGS: readonly Tag[] = [
  {
    name: 'Billable metrics',
    description: 'What is metered: how the events of one code become units.',
    permissions: ['billable_metric'],
  },
  {
    name: 'Plans',
    description: 'What it costs: a price for each period, and charges for the units of metrics.',
    permissions: ['plan'],
  },
  { name: 'Add-ons', description: 'What is sold once, by an invoice of its own.', permissions: ['add_on'] },
  {
    name: 'Taxes',
    description: 'What is added to it: taxes of plans, charges, add-ons, customers and billing entities.',
    permissions: ['tax'],
  },
  {
    name: 'Coupons',
    description: 'What is taken off it: an amount or a part, once, for some invoices or for ever.',
    permissions: ['coupon'],
  },
  { name: 'Customers', description: 'Who pays.', permissions: ['customer'] },
  { name: 'Applied coupons', description: 'Coupons that customers have.', permissions: ['applied_coupon'] },
  {
    name: 'Subscriptions',
    description: 'A customer on a plan, from a day on. The external id is what events name.',
    permissions: ['subscription'],
  },
  { name: 'Events', description: 'What was used, and when.', permissions: ['event'] },
  { name: 'Usage', description: 'What the running period would cost.', permissions: ['customer_usage'] },
  { name: 'Invoices', description: 'What is billed when a period has ended.', permissions: ['invoice'] },
  {
    name: 'Fees',
    description: 'The lines of invoices, and what charges in advance ask for without an invoice.',
    permissions: ['fee'],
  },
  {
    name: 'Credit notes',
    description: 'What is taken back of an invoice: credited, refunded or offset.',
    permissions: ['credit_note'],
  },
  { name: 'Data exports', description: 'Lists as files, for spreadsheets.', permissions: ['data_export'] },
  {
    name: 'Webhooks',
    description: 'Endpoints of yours that are told what happens, and what was sent to them.',
    permissions: ['webhook_endpoint', 'webhook_jwt_public_key'],
  },
  { name: 'Analytics', description: 'What it adds up to, month by month.', permissions: ['analytic'] },
  {
    name: 'Organization',
    description: 'Whose API key it is: the settings of its invoices.',
    permissions: ['organization'],
  },
  {
    name: 'Billing entities',
    description: 'Several issuers of invoices in one organization.',
    permissions: ['billing_entity'],
  },
  { name: 'Workflows', description: 'What is done durably, and what of it has failed.', permissions: ['workflow'] },
  { name: 'API keys', description: 'Who may do what.', permissions: ['api_key'] },
];

const TEST_CLOCK = {
  name: 'Test clock',
  description: 'The clock of an organization in test mode: years of billing in a minute.',
};

export const ADMIN_TAG = { name: 'Administration', description: 'What an operator does beside all organizations.' };

export const UNAVAILABLE_TAG = {
  name: 'Not available yet',
  description:
    "Routes of Lago's API that durabill does not have yet. Each answers 403 `feature_unavailable`, once key and " +
    'permission are right.',
};

const names = (tags: readonly { readonly name: string; readonly description: string }[]) =>
  tags.map(({ name, description }) => ({ name, description }));

export const tags = names([...TAGS, TEST_CLOCK, ADMIN_TAG, UNAVAILABLE_TAG]);

/** @throws Error for a permission that no tag has. */
export function tagOf({
  path,
  permission,
}: {
  readonly path: string;
  readonly permission: PermissionResource;
}): string {
  if (path.startsWith('/test_clock')) return TEST_CLOCK.name;
  // Of a subscription, but nobody looks for it before there is something to bill.
  if (path.endsWith('/bill')) return 'Invoices';
  const tag = TAGS.find(({ permissions }) => permissions.includes(permission));
  if (!tag) throw new Error(`no tag has the routes of ${permission}`);
  return tag.name;
}
