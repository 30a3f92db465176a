//! `MS7xx`: what no current control plane reads, or reads only for old files.

mod kinds;

rules! {
    authentication_v1alpha1,
    beta_version_used,
    cluster_rbac_config,
    ext_authz_old_fields,
    injection_annotation,
    jwks_uri_alias,
    mixer_kinds,
    old_waypoint_labels,
    rbac_v1alpha1,
    removed_mesh_settings,
    single_target_field,
}
