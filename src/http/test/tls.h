/* A self-signed certificate for localhost, for the tests of TLS; its key is no secret. */
#pragma once

static const char test_cert_pem[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBmjCCAUGgAwIBAgIUA3wup8J4/w8onN9WWpXEPnFAKPkwCgYIKoZIzj0EAwIw\n"
    "FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTIxMzkxN1oYDzIxMjYxMDI4\n"
    "MjEzOTE3WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO\n"
    "PQMBBwNCAATGRqhXbZ+gyVb2yGnNQhu1w0NEDGHVSLRu2TETmOub7PoF6U75ISKm\n"
    "VW2Smvub8XC4G0Xme7qWds/yIGt0n6BQo28wbTAdBgNVHQ4EFgQUTYLVgGPfMdt7\n"
    "ip0POx87YAROe6AwHwYDVR0jBBgwFoAUTYLVgGPfMdt7ip0POx87YAROe6AwDwYD\n"
    "VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI\n"
    "zj0EAwIDRwAwRAIgR2YO2GL5i0z1JkmRsUidk6xNaGQ6u+QZ1h16tmitXIICIHKU\n"
    "SfeV3GKDcPLgiMBk2YXW+PKY/dnZ79Jl2EM6vUKA\n"
    "-----END CERTIFICATE-----\n";

static const char test_key_pem[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgNqPX3tiCwZCbKyKm\n"
    "mksQgFVLrTi5qG3IBMjn29ChI2OhRANCAATGRqhXbZ+gyVb2yGnNQhu1w0NEDGHV\n"
    "SLRu2TETmOub7PoF6U75ISKmVW2Smvub8XC4G0Xme7qWds/yIGt0n6BQ\n"
    "-----END PRIVATE KEY-----\n";
