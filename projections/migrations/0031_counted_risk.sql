-- A list of shipments is counted by all it can be narrowed by, whether they are at risk too.
set local role portal_owner;

drop function portal.shipment_count(
  text, int, text[], text[], text[], text, boolean, timestamptz, timestamptz, timestamptz, text, text);
create function portal.shipment_count(
  p_tenant text, p_at_most int,
  p_status text[], p_phase text[], p_carrier text[], p_ship_to text, p_has_exception boolean,
  p_updated_since timestamptz, p_eta_before timestamptz, p_eta_after timestamptz,
  p_reference text, p_order_id text, p_at_risk boolean)
returns bigint
language plpgsql as $$
declare
  counted bigint;
begin
  perform set_config('app.tenant', p_tenant, true);
  select count(*) into counted from (
    select
    from portal.shipment_view v
    where v.tenant = p_tenant
      and (p_status is null or v.status = any(p_status))
      and (p_phase is null or v.phase = any(p_phase))
      and (p_carrier is null or v.carrier = any(p_carrier))
      and (p_ship_to is null or v.ship_to = p_ship_to)
      and (p_has_exception is null or v.has_exception = p_has_exception)
      and (p_updated_since is null or v.changed_at >= p_updated_since)
      and (p_eta_before is null or v.eta_at < p_eta_before)
      and (p_eta_after is null or v.eta_at > p_eta_after)
      and (p_reference is null or v.id in (
        select r.subject_id from portal.reference r where r.tenant = p_tenant and r.value = p_reference))
      and (p_order_id is null or p_order_id = any(v.order_ids))
      and (p_at_risk is null or coalesce(v.at_risk_from <= clock_timestamp(), false) = p_at_risk)
    limit p_at_most) shown;
  perform set_config('app.tenant', '', true);
  return counted;
end $$;

reset role;
