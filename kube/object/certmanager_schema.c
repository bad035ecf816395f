// SPDX-License-Identifier: Apache-2.0
// Every field of Certificates, Issuers and ClusterIssuers in version v1, and which of them are required:
// docs/rules/certificates.md#certificate-fields.
#include "kube/base/str.h"

#include "kube/object/field_schema_internal.h"

#include <stddef.h>

static const char *const key_algorithms[] = {"RSA", "ECDSA", "Ed25519", NULL};
static const char *const key_encodings[] = {"PKCS1", "PKCS8", NULL};
static const char *const rotation_policies[] = {"Never", "Always", NULL};
static const char *const signature_algorithms[] = {
    "SHA256WithRSA",   "SHA384WithRSA",   "SHA512WithRSA", "ECDSAWithSHA256",
    "ECDSAWithSHA384", "ECDSAWithSHA512", "PureEd25519",   NULL};
static const char *const output_formats[] = {"DER", "CombinedPEM", NULL};
static const char *const pkcs12_profiles[] = {"LegacyRC2", "LegacyDES", "Modern2023", "Modern2026",
                                              NULL};
static const char *const renewal_policies[] = {"RenewBefore", "Disabled", NULL};
static const char *const usages[] = {"signing",
                                     "digital signature",
                                     "content commitment",
                                     "key encipherment",
                                     "key agreement",
                                     "data encipherment",
                                     "cert sign",
                                     "crl sign",
                                     "encipher only",
                                     "decipher only",
                                     "any",
                                     "server auth",
                                     "client auth",
                                     "code signing",
                                     "email protection",
                                     "s/mime",
                                     "ipsec end system",
                                     "ipsec tunnel",
                                     "ipsec user",
                                     "timestamping",
                                     "ocsp signing",
                                     "microsoft sgc",
                                     "netscape sgc",
                                     NULL};
static const char *const renewal_sources[] = {"ARI", "None", NULL};
static const char *const cname_strategies[] = {"None", "Follow", NULL};
static const char *const azure_environments[] = {
    "AzurePublicCloud", "AzureChinaCloud", "AzureGermanCloud", "AzureUSGovernmentCloud", NULL};
static const char *const azure_zone_types[] = {"AzurePublicZone", "AzurePrivateZone", NULL};
static const char *const protocols[] = {"TCP", "UDP", NULL};
static const char *const mac_algorithms[] = {"HS256", "HS384", "HS512", NULL};
static const char *const service_types[] = {"ClusterIP", "NodePort", NULL};

// clang-format off
SCHEMA(issuer_ref, NEEDED_STRING("name"), STRING("kind"), STRING("group"));
SCHEMA(name_ref, NEEDED_STRING("name"));
SCHEMA(secret_ref, NEEDED_STRING("name"), STRING("key"));
SCHEMA(secret_key, NEEDED_STRING("name"), NEEDED_STRING("key"));
SCHEMA(account_ref, NEEDED_STRING("name"), STRINGS("audiences"));

SCHEMA(subject, STRINGS("organizations"), STRINGS("countries"), STRINGS("organizationalUnits"), STRINGS("localities"),
       STRINGS("provinces"), STRINGS("streetAddresses"), STRINGS("postalCodes"), STRING("serialNumber"));
SCHEMA(secret_template, STRING_MAP("annotations"), STRING_MAP("labels"));
SCHEMA(jks, NEEDED_BOOL("create"), STRING("alias"), OBJECT("passwordSecretRef", secret_ref), STRING("password"));
SCHEMA(pkcs12, NEEDED_BOOL("create"), ENUM("profile", pkcs12_profiles), OBJECT("passwordSecretRef", secret_ref),
       STRING("password"));
SCHEMA(keystores, OBJECT("jks", jks), OBJECT("pkcs12", pkcs12));
SCHEMA(private_key, ENUM("rotationPolicy", rotation_policies), ENUM("encoding", key_encodings),
       ENUM("algorithm", key_algorithms), INT("size"));
SCHEMA(other_name, STRING("oid"), STRING("utf8Value"));
SCHEMA(output_format, NEEDED_ENUM("type", output_formats));
SCHEMA(name_set, STRINGS("dnsDomains"), STRINGS("ipRanges"), STRINGS("emailAddresses"), STRINGS("uriDomains"));
SCHEMA(name_constraints, BOOL("critical"), OBJECT("permitted", name_set), OBJECT("excluded", name_set));
SCHEMA(window, NEEDED_STRING("cron"), STRING("timezone"), NEEDED_STRING("windowDuration"));
SCHEMA(renewal, NEEDED_ENUM("policy", renewal_policies), OBJECTS("windows", window));
SCHEMA(certificate, NEEDED_STRING("secretName"), NEEDED_OBJECT("issuerRef", issuer_ref), STRINGS("dnsNames"),
       STRING("commonName"), STRINGS("ipAddresses"), STRINGS("uris"), STRINGS("emailAddresses"),
       OBJECTS("otherNames", other_name), OBJECT("subject", subject), STRING("literalSubject"), DURATION("duration"),
       DURATION("renewBefore"), INT("renewBeforePercentage"), OBJECT("renewal", renewal), BOOL("isCA"),
       ENUMS("usages", usages), OBJECT("privateKey", private_key), ENUM("signatureAlgorithm", signature_algorithms),
       BOOL("encodeUsagesInRequest"), INT("revisionHistoryLimit"), OBJECT("secretTemplate", secret_template),
       OBJECT("keystores", keystores), OBJECTS("additionalOutputFormats", output_format),
       OBJECT("nameConstraints", name_constraints));

SCHEMA(acme_dns, NEEDED_OBJECT("accountSecretRef", secret_key), NEEDED_STRING("host"));
SCHEMA(akamai, NEEDED_OBJECT("accessTokenSecretRef", secret_key), NEEDED_OBJECT("clientSecretSecretRef", secret_key),
       NEEDED_OBJECT("clientTokenSecretRef", secret_key), NEEDED_STRING("serviceConsumerDomain"));
SCHEMA(managed_identity, STRING("clientID"), STRING("resourceID"), STRING("tenantID"));
SCHEMA(azure_dns, NEEDED_STRING("resourceGroupName"), NEEDED_STRING("subscriptionID"), STRING("clientID"),
       OBJECT("clientSecretSecretRef", secret_key), ENUM("environment", azure_environments), STRING("hostedZoneName"),
       OBJECT("managedIdentity", managed_identity), STRING("tenantID"), ENUM("zoneType", azure_zone_types));
SCHEMA(cloud_dns, NEEDED_STRING("project"), STRING("hostedZoneName"), OBJECT("serviceAccountSecretRef", secret_key));
SCHEMA(cloudflare, OBJECT("apiTokenSecretRef", secret_key), OBJECT("apiKeySecretRef", secret_key), STRING("email"));
SCHEMA(digitalocean, NEEDED_OBJECT("tokenSecretRef", secret_key));
SCHEMA(rfc2136, NEEDED_STRING("nameserver"), ENUM("protocol", protocols), STRING("tsigAlgorithm"), STRING("tsigKeyName"),
       OBJECT("tsigSecretSecretRef", secret_ref));
SCHEMA(route53_account, NEEDED_OBJECT("serviceAccountRef", account_ref));
SCHEMA(route53_auth, NEEDED_OBJECT("kubernetes", route53_account));
SCHEMA(route53, STRING("region"), STRING("hostedZoneID"), STRING("role"), STRING("accessKeyID"),
       OBJECT("accessKeyIDSecretRef", secret_key), OBJECT("secretAccessKeySecretRef", secret_ref),
       OBJECT("auth", route53_auth));
SCHEMA(dns_webhook, NEEDED_STRING("groupName"), NEEDED_STRING("solverName"), ANYTHING("config"));
SCHEMA(dns01, OBJECT("route53", route53), OBJECT("cloudDNS", cloud_dns), OBJECT("azureDNS", azure_dns),
       OBJECT("cloudflare", cloudflare), OBJECT("acmeDNS", acme_dns), OBJECT("akamai", akamai),
       OBJECT("digitalocean", digitalocean), OBJECT("rfc2136", rfc2136), OBJECT("webhook", dns_webhook),
       ENUM("cnameStrategy", cname_strategies), STRINGS("nameservers"));
SCHEMA(pod_metadata, STRING_MAP("annotations"), STRING_MAP("labels"));
SCHEMA(local_ref, STRING("name"));
SCHEMA(toleration, STRING("key"), STRING("operator"), STRING("value"), STRING("effect"), INT("tolerationSeconds"));
SCHEMA(pod_spec, ANYTHING("affinity"), OBJECTS("imagePullSecrets", local_ref), STRING_MAP("nodeSelector"),
       STRING("priorityClassName"), ANYTHING("resources"), ANYTHING("securityContext"), STRING("serviceAccountName"),
       OBJECTS("tolerations", toleration));
SCHEMA(pod_template, OBJECT("metadata", pod_metadata), OBJECT("spec", pod_spec));
SCHEMA(ingress_template, OBJECT("metadata", pod_metadata));
SCHEMA(http_ingress, STRING("ingressClassName"), STRING("class"), STRING("name"), ENUM("serviceType", service_types),
       OBJECT("ingressTemplate", ingress_template),
       OBJECT("podTemplate", pod_template));
SCHEMA(parent_ref, STRING("name"), STRING("namespace"), STRING("kind"), STRING("group"), STRING("sectionName"),
       INT("port"));
SCHEMA(http_route, STRING_MAP("labels"), OBJECTS("parentRefs", parent_ref), ENUM("serviceType", service_types),
       OBJECT("podTemplate", pod_template));
SCHEMA(http01, OBJECT("ingress", http_ingress), OBJECT("gatewayHTTPRoute", http_route));
SCHEMA(solver_selector, STRINGS("dnsNames"), STRINGS("dnsZones"), STRING_MAP("matchLabels"));
SCHEMA(solver, OBJECT("selector", solver_selector), OBJECT("http01", http01), OBJECT("dns01", dns01),
       DURATION("waitInsteadOfSelfCheck"));
SCHEMA(account_binding, NEEDED_STRING("keyID"), NEEDED_OBJECT("keySecretRef", secret_key),
       ENUM("keyAlgorithm", mac_algorithms));
SCHEMA(acme, NEEDED_STRING("server"), NEEDED_OBJECT("privateKeySecretRef", secret_ref), STRING("email"),
       OBJECTS("solvers", solver), STRING("profile"), STRING("preferredChain"), STRING("caBundle"),
       BOOL("skipTLSVerify"), OBJECT("externalAccountBinding", account_binding), BOOL("disableAccountKeyGeneration"),
       BOOL("enableDurationFeature"), ENUM("renewalInformationSource", renewal_sources));
SCHEMA(ca, NEEDED_STRING("secretName"), STRINGS("crlDistributionPoints"), STRINGS("ocspServers"),
       STRINGS("issuingCertificateURLs"));
SCHEMA(self_signed, STRINGS("crlDistributionPoints"));
SCHEMA(vault_role, NEEDED_STRING("path"), NEEDED_STRING("roleId"), NEEDED_OBJECT("secretRef", secret_ref));
SCHEMA(vault_aws, NEEDED_STRING("role"), STRING("iamRoleArn"), STRING("mountPath"), STRING("region"),
       OBJECT("serviceAccountRef", account_ref), STRING("vaultHeaderValue"));
SCHEMA(vault_certificate, STRING("mountPath"), STRING("name"), STRING("secretName"));
SCHEMA(vault_kubernetes, NEEDED_STRING("role"), STRING("mountPath"), OBJECT("secretRef", secret_ref),
       OBJECT("serviceAccountRef", account_ref));
SCHEMA(vault_auth, OBJECT("appRole", vault_role), OBJECT("kubernetes", vault_kubernetes),
       OBJECT("tokenSecretRef", secret_ref), OBJECT("clientCertificate", vault_certificate), OBJECT("aws", vault_aws));
SCHEMA(vault, NEEDED_STRING("server"), NEEDED_STRING("path"), NEEDED_OBJECT("auth", vault_auth), STRING("namespace"),
       STRING("serverName"), STRING("caBundle"), OBJECT("caBundleSecretRef", secret_ref),
       OBJECT("clientCertSecretRef", secret_ref), OBJECT("clientKeySecretRef", secret_ref));
SCHEMA(venafi_cloud, NEEDED_OBJECT("apiTokenSecretRef", secret_ref), STRING("url"));
SCHEMA(venafi_ngts, NEEDED_OBJECT("credentialsRef", name_ref), NEEDED_STRING("tsgID"), STRING("tokenEndpoint"),
       STRING("url"));
SCHEMA(venafi_tpp, NEEDED_OBJECT("credentialsRef", name_ref), NEEDED_STRING("url"), STRING("caBundle"),
       OBJECT("caBundleSecretRef", secret_ref));
SCHEMA(venafi, NEEDED_STRING("zone"), OBJECT("tpp", venafi_tpp), OBJECT("cloud", venafi_cloud),
       OBJECT("ngts", venafi_ngts));
SCHEMA(issuer, OBJECT("acme", acme), OBJECT("ca", ca), OBJECT("selfSigned", self_signed), OBJECT("vault", vault),
       OBJECT("venafi", venafi));
SCHEMA(certificaterequest, NEEDED_STRING("request"), NEEDED_OBJECT("issuerRef", issuer_ref), DURATION("duration"),
       BOOL("isCA"), ENUMS("usages", usages), STRING("username"), STRING("uid"), STRINGS("groups"), ANYTHING("extra"));

#define WHOLE(kind) SCHEMA(whole_##kind, STRING("apiVersion"), STRING("kind"), OBJECT("metadata", metadata_schema), \
                           NEEDED_OBJECT("spec", kind), ANYTHING("status"))
WHOLE(certificate);
WHOLE(issuer);
WHOLE(certificaterequest);
// clang-format on

const struct schema *certmanager_schema(enum kind k, const char *api_version)
{
    if (!str_eq(api_version, "cert-manager.io/v1")) {
        return NULL;
    }
    return k == KIND_CERTIFICATE                         ? &whole_certificate
           : k == KIND_ISSUER || k == KIND_CLUSTERISSUER ? &whole_issuer
           : k == KIND_CERTIFICATEREQUEST                ? &whole_certificaterequest
                                                         : NULL;
}
