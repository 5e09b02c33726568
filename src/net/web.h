/* SPDX-License-Identifier: MIT */
/* How this machine reaches the web, from the variables that curl(1) and OpenSSL read. */
#pragma once

/* The file of trusted certificate authorities: SSL_CERT_FILE, else CURL_CA_BUNDLE; NULL means the
 * system's. The caller frees. */
char *web_ca_file(void);

/* The proxy that the variables name for https requests to this host: "the proxy 10.0.0.1:3128
 * (https_proxy)", without name and password; NULL when the connection is direct. The caller frees.
 */
char *web_proxy(const char *host);
