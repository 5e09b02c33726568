/* SPDX-License-Identifier: MIT */
/* How this machine connects to the web, from the variables that curl(1) and OpenSSL read. */
#pragma once

/* Returns the file of trusted certificate authorities: SSL_CERT_FILE, else CURL_CA_BUNDLE; NULL
 * means the system's. The caller frees it. */
char *web_ca_file(void);

/* Returns the proxy that the variables give for https requests to this host: "the proxy
 * 10.0.0.1:3128 (https_proxy)", without user name and password; NULL if the connection is direct.
 * The caller frees it. */
char *web_proxy(const char *host);
