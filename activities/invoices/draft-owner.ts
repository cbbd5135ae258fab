/** Which draft an act is about. */
export interface DraftOwner {
  readonly organizationId: string;
  readonly customerId: string;
  readonly invoiceId: string;
}
