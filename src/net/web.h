/* SPDX-License-Identifier: MIT */
/* How this machine reaches the web, by the variables that curl(1) and OpenSSL read. */
#pragma once

/* The certificate authorities to trust: SSL_CERT_FILE, else CURL_CA_BUNDLE; NULL: the system's. The
 * caller frees. */
char *web_ca_file(void);

/* Where the variables send an https request to this host: "the proxy 10.0.0.1:3128 (https_proxy)",
 * without name and password; NULL: straight there. The caller frees. */
char *web_proxy(const char *host);
