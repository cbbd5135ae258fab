import type { PermissionResource } from '../../billing/api-keys/permission-resources.ts';
import type { Method } from '../http/route.ts';

/**
 * A route of Lago's API that comes with a later version, or never: 403 `feature_unavailable`, so that it is not taken
 * for a typing error.
 */
export interface UnbuiltRoute {
  readonly method: Method;
  /** Relative to `/api/v1`; parameters as `:code`. */
  readonly path: string;
  readonly permission: PermissionResource;
  /** What it would do, for the document. */
  readonly feature: string;
}

/** Methods by path. */
type Paths = Readonly<Record<string, string>>;

const unbuilt = (feature: string, permission: PermissionResource, paths: Paths): UnbuiltRoute[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    methods.split(' ').map((method) => ({ method: method as Method, path, permission, feature })),
  );

/** Routes of a list and of one of its objects. */
const resource = (path: string, id = 'code'): Paths => ({ [path]: 'post get', [`${path}/:${id}`]: 'get put delete' });

const metadata = (path: string): Paths => ({
  [`${path}/metadata`]: 'post patch delete',
  [`${path}/metadata/:key`]: 'delete',
});

const alerts = (path: string): Paths => ({
  [`${path}/alerts`]: 'get post delete',
  [`${path}/alerts/:alert_code`]: 'get put delete',
});

const files = (path: string): Paths => ({
  [`${path}/download`]: 'post',
  [`${path}/download_pdf`]: 'post',
  [`${path}/download_xml`]: 'post',
  [`${path}/resend_email`]: 'post',
});

const PLAN = '/plans/:code';
const CUSTOMER = '/customers/:external_id';
const SUBSCRIPTION = '/subscriptions/:external_id';
const INVOICE = '/invoices/:id';
const CUSTOMER_WALLETS = `${CUSTOMER}/wallets`;

/** Every route of the API that is not in `routes.ts` (spec, api 2): who builds one takes it out of here. */
export const unbuiltRoutes: readonly UnbuiltRoute[] = [
  ...unbuilt('Tokens for streaming', 'organization', { '/organizations/grpc_token': 'get' }),
  ...unbuilt('Fixed charges', 'plan', resource(`${PLAN}/fixed_charges`, 'fixed_charge_code')),
  ...unbuilt('Entitlements', 'plan', {
    [`${PLAN}/entitlements`]: 'get post patch',
    [`${PLAN}/entitlements/:feature_code`]: 'get delete',
    [`${PLAN}/entitlements/:feature_code/privileges/:privilege_code`]: 'delete',
  }),
  ...unbuilt('Metadata of plans by themselves', 'plan', metadata(PLAN)),
  ...unbuilt('Features', 'feature', {
    ...resource('/features'),
    '/features/:code/privileges/:privilege_code': 'delete',
  }),
  ...unbuilt('Pages for customers', 'customer', {
    [`${CUSTOMER}/portal_url`]: 'get',
    [`${CUSTOMER}/checkout_url`]: 'post',
  }),
  ...unbuilt('Payment methods', 'payment_method', {
    [`${CUSTOMER}/payment_methods`]: 'get',
    [`${CUSTOMER}/payment_methods/:id`]: 'delete',
    [`${CUSTOMER}/payment_methods/:id/set_as_default`]: 'put',
  }),
  ...unbuilt('Lifetime usage', 'lifetime_usage', { [`${SUBSCRIPTION}/lifetime_usage`]: 'get put' }),
  ...unbuilt('Alerts', 'alert', { ...alerts(SUBSCRIPTION), ...alerts(`${CUSTOMER_WALLETS}/:code`) }),
  ...unbuilt('Entitlements', 'subscription', {
    [`${SUBSCRIPTION}/entitlements`]: 'get patch',
    [`${SUBSCRIPTION}/entitlements/:feature_code`]: 'delete',
    [`${SUBSCRIPTION}/entitlements/:feature_code/privileges/:privilege_code`]: 'delete',
  }),
  ...unbuilt('Terms of the plan for one subscription', 'subscription', {
    [`${SUBSCRIPTION}/charges`]: 'get',
    [`${SUBSCRIPTION}/charges/:charge_code`]: 'get put',
    ...resource(`${SUBSCRIPTION}/charges/:charge_code/filters`, 'filter_id'),
    [`${SUBSCRIPTION}/fixed_charges`]: 'get',
    [`${SUBSCRIPTION}/fixed_charges/:fixed_charge_code`]: 'get put',
  }),
  ...unbuilt('Invoices that are only calculated', 'invoice', { '/invoices/preview': 'post' }),
  ...unbuilt('Void invoices', 'invoice', { [`${INVOICE}/void`]: 'post', [`${INVOICE}/lose_dispute`]: 'post' }),
  ...unbuilt('Documents of invoices', 'invoice', files(INVOICE)),
  ...unbuilt('Payments of invoices', 'invoice', {
    [`${INVOICE}/retry_payment`]: 'post',
    [`${INVOICE}/payment_url`]: 'post',
  }),
  ...unbuilt('Accounting and CRM systems', 'invoice', { [`${INVOICE}/sync_salesforce_id`]: 'put' }),
  ...unbuilt('Documents of credit notes', 'credit_note', files('/credit_notes/:id')),
  ...unbuilt('Wallets', 'wallet', {
    ...resource('/wallets', 'id'),
    ...metadata('/wallets/:id'),
    ...resource(CUSTOMER_WALLETS),
    ...metadata(`${CUSTOMER_WALLETS}/:code`),
  }),
  ...unbuilt('Wallets', 'wallet_transaction', {
    '/wallet_transactions': 'post',
    '/wallet_transactions/:id': 'get',
    '/wallet_transactions/:id/payment_url': 'post',
    '/wallet_transactions/:id/consumptions': 'get',
    '/wallet_transactions/:id/fundings': 'get',
    '/wallets/:id/wallet_transactions': 'get',
  }),
  ...unbuilt('Payments', 'payment', {
    '/payments': 'post get',
    '/payments/:id': 'get',
    [`${CUSTOMER}/payments`]: 'get',
  }),
  // Their permission is that of invoices (spec, api 1.1).
  ...unbuilt('Payment receipts', 'invoice', {
    '/payment_receipts': 'get',
    '/payment_receipts/:id': 'get',
    '/payment_receipts/:id/resend_email': 'post',
  }),
  ...unbuilt('Payment requests', 'payment_request', {
    '/payment_requests': 'post get',
    '/payment_requests/:id': 'get',
    [`${CUSTOMER}/payment_requests`]: 'get',
  }),
  ...unbuilt('Analytics', 'analytic', {
    '/analytics/mrr': 'get',
    '/analytics/gross_revenue': 'get',
    '/analytics/invoice_collection': 'get',
    '/analytics/overdue_balance': 'get',
    '/analytics/usage': 'get',
  }),
  ...unbuilt('Activity logs', 'activity_log', { '/activity_logs': 'get', '/activity_logs/:activity_id': 'get' }),
  ...unbuilt('API logs', 'api_log', { '/api_logs': 'get', '/api_logs/:request_id': 'get' }),
  ...unbuilt('Security logs', 'security_log', { '/security_logs': 'get', '/security_logs/:log_id': 'get' }),
  ...unbuilt('Quotes', 'quote', {
    '/quotes': 'get',
    '/quotes/:id': 'get',
    '/quotes/:id/versions': 'get',
    '/quote_versions/:id': 'get',
    '/quote_versions/:id/approve': 'post',
    '/quote_versions/:id/clone': 'post',
    '/quote_versions/:id/void': 'post',
  }),
  ...unbuilt('Order forms', 'order_form', {
    '/order_forms': 'get',
    '/order_forms/:id': 'get',
    '/order_forms/:id/mark_as_signed': 'post',
    '/order_forms/:id/void': 'post',
  }),
  ...unbuilt('Orders', 'order', { '/orders': 'get', '/orders/:id': 'get', '/orders/:id/execute': 'post' }),
];
