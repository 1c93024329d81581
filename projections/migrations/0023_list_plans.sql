-- How lists are planned: for what is asked, each time anew; and by an identifier through its index.
set local role portal_owner;

do $$
declare
  list record;
begin
  for list in
    select p.oid, pg_get_functiondef(p.oid) as definition from pg_proc p
    where p.pronamespace = 'portal'::regnamespace and p.proname ~ '_list(_newest|_oldest)?$'
  loop
    -- What shows an identifier is found by its key: asked as `in`, each row of the tenant was looked at.
    execute regexp_replace(
      list.definition,
      '(v\.\w+) in \(\s*(select r\.subject_id from portal\.reference r where r\.tenant = p_tenant and r\.value = p_reference)\)',
      '\1 = any(array(\2))');
    -- One plan for whatever may be asked has to look at all of a tenant's rows, for a plain page too.
    execute format('alter function %s set plan_cache_mode = force_custom_plan', list.oid::regprocedure);
  end loop;
end $$;

reset role;
