//! Certificates and keys of the examples, indented as they stand in manifests. Every key was made for them and is used nowhere.

/// A text by its name.
macro_rules! pem {
    // An authority that signed itself.
    (root) => {
        "    -----BEGIN CERTIFICATE-----
    MIIBczCCARigAwIBAgIUcjLdC1L7UuEVBK2f8a3EJNYClC4wCgYIKoZIzj0EAwIw
    FzEVMBMGA1UEAwwMRXhhbXBsZSBSb290MB4XDTIwMDEwMTAwMDAwMFoXDTQwMDEw
    MTAwMDAwMFowFzEVMBMGA1UEAwwMRXhhbXBsZSBSb290MFkwEwYHKoZIzj0CAQYI
    KoZIzj0DAQcDQgAEZJjQMwY467tfjY4qB/+G7LdX2HS51rk9E5RXcSkaP29GyGvN
    Td9RPo5Mo4oB+tsh/ggr1Sci+jKY0vPkQvKv8aNCMEAwDwYDVR0TAQH/BAUwAwEB
    /zAOBgNVHQ8BAf8EBAMCAQYwHQYDVR0OBBYEFHcCYE2QoSNKW7DyhbOYg4o8B8Vq
    MAoGCCqGSM49BAMCA0kAMEYCIQCMfEeDG03wBr1QX3e717LXLLESJ/6sjbYQe4ge
    1P8p1gIhAMYYs8il9LADJckeew21M1+62VG4hQUClrELleCcGlgl
    -----END CERTIFICATE-----
"
    };
    // An authority below it.
    (intermediate) => {
        "    -----BEGIN CERTIFICATE-----
    MIIBmzCCAUGgAwIBAgIUGH+jes52kY5Fz05nEbpczoXATd4wCgYIKoZIzj0EAwIw
    FzEVMBMGA1UEAwwMRXhhbXBsZSBSb290MB4XDTIwMDEwMTAwMDAwMFoXDTQwMDEw
    MTAwMDAwMFowHDEaMBgGA1UEAwwRRXhhbXBsZSBBdXRob3JpdHkwWTATBgcqhkjO
    PQIBBggqhkjOPQMBBwNCAATG7JAtnhME/igVcIWWyDKVBXrJTANtnFL1e8mL41V6
    YIBFTw2rnbzT/eVDgFpWSF9WXKT/x0eVPixI0DHq4kr7o2YwZDASBgNVHRMBAf8E
    CDAGAQH/AgEAMA4GA1UdDwEB/wQEAwIBBjAdBgNVHQ4EFgQUPDE9nmP2wKde9QJg
    Av2JAI7VsnYwHwYDVR0jBBgwFoAUdwJgTZChI0pbsPKFs5iDijwHxWowCgYIKoZI
    zj0EAwIDSAAwRQIgCdqlJWSIXT938rYSfMonU2Qa0szxcfXtF+NOojsTwo0CIQDv
    S/2RMrSXtWD9yKGwzClABRG2ZgEDt60nOa4U7ddXdg==
    -----END CERTIFICATE-----
"
    };
    // The same authority, until 2021.
    (intermediate_expired) => {
        "    -----BEGIN CERTIFICATE-----
    MIIBmjCCAUGgAwIBAgIUB63VfaZPpCOANNtxK3JfaIXicFMwCgYIKoZIzj0EAwIw
    FzEVMBMGA1UEAwwMRXhhbXBsZSBSb290MB4XDTIwMDEwMTAwMDAwMFoXDTIxMDEw
    MTAwMDAwMFowHDEaMBgGA1UEAwwRRXhhbXBsZSBBdXRob3JpdHkwWTATBgcqhkjO
    PQIBBggqhkjOPQMBBwNCAATG7JAtnhME/igVcIWWyDKVBXrJTANtnFL1e8mL41V6
    YIBFTw2rnbzT/eVDgFpWSF9WXKT/x0eVPixI0DHq4kr7o2YwZDASBgNVHRMBAf8E
    CDAGAQH/AgEAMA4GA1UdDwEB/wQEAwIBBjAdBgNVHQ4EFgQUPDE9nmP2wKde9QJg
    Av2JAI7VsnYwHwYDVR0jBBgwFoAUdwJgTZChI0pbsPKFs5iDijwHxWowCgYIKoZI
    zj0EAwIDRwAwRAIgRzxcr01FeETzcufL1OOxdmfldiBRBIyE3gxYg0jjExYCIDUS
    004P3Z+wMB0hfVi9X7t97pS2IwEz2a4eDQlnNJNt
    -----END CERTIFICATE-----
"
    };
    // A server of `shop.example.com`, signed by the authority below the root.
    (leaf) => {
        "    -----BEGIN CERTIFICATE-----
    MIIBrDCCAVKgAwIBAgIUBr3H3zg5IafbRjAMb+X+3/WCSEwwCgYIKoZIzj0EAwIw
    HDEaMBgGA1UEAwwRRXhhbXBsZSBBdXRob3JpdHkwHhcNMjAwMTAxMDAwMDAwWhcN
    NDAwMTAxMDAwMDAwWjAbMRkwFwYDVQQDDBBzaG9wLmV4YW1wbGUuY29tMFkwEwYH
    KoZIzj0CAQYIKoZIzj0DAQcDQgAEk2zO8oaPleHx+zxfYM1Rci4pDUDIls8XyE8o
    N2SNFPDQd+6g6uGUf4YAk6nDNlygHSuSYhPfSpFjbWBM0Xf6eKNzMHEwDAYDVR0T
    AQH/BAIwADAOBgNVHQ8BAf8EBAMCB4AwEwYDVR0lBAwwCgYIKwYBBQUHAwEwGwYD
    VR0RBBQwEoIQc2hvcC5leGFtcGxlLmNvbTAfBgNVHSMEGDAWgBQ8MT2eY/bAp171
    AmAC/YkAjtWydjAKBggqhkjOPQQDAgNIADBFAiAI/FD5c3MrvTvxn5YSo4V/BsF7
    D2C/FtIy+wFJ0S+NuAIhAIM/R5AicTQbQTcDX1iCBUxcxwENMZOYBPOhde/1e9GC
    -----END CERTIFICATE-----
"
    };
    // A server of every name below `example.com`, and the authority that signed it.
    (wildcard) => {
        "    -----BEGIN CERTIFICATE-----
    MIIBpzCCAUygAwIBAgIUSjNpEZJhHjn+3ndzcqurC9MOHr4wCgYIKoZIzj0EAwIw
    HDEaMBgGA1UEAwwRRXhhbXBsZSBBdXRob3JpdHkwHhcNMjAwMTAxMDAwMDAwWhcN
    NDAwMTAxMDAwMDAwWjAYMRYwFAYDVQQDDA0qLmV4YW1wbGUuY29tMFkwEwYHKoZI
    zj0CAQYIKoZIzj0DAQcDQgAEFYhYW+Fzets+pI/DsLrQsKUjEQC0QVF9v+UDW2rM
    gE2TgVQoUju6jxNoS4FGZWx3lz5+lGUuU/aqr68uKzl3waNwMG4wDAYDVR0TAQH/
    BAIwADAOBgNVHQ8BAf8EBAMCB4AwEwYDVR0lBAwwCgYIKwYBBQUHAwEwGAYDVR0R
    BBEwD4INKi5leGFtcGxlLmNvbTAfBgNVHSMEGDAWgBRE/oCHBZDssG/W8TDUhhh5
    ieFjbDAKBggqhkjOPQQDAgNJADBGAiEA15PapY3WkRY4QGkKef9MAwIkP/ttNH1t
    +73ePeAq0yQCIQD6hn2JcqNUqczkrctbLAxedQvAnwXEl7OlRyZQ/yZ+zQ==
    -----END CERTIFICATE-----
"
    };
    (authority_of_wildcard) => {
        "    -----BEGIN CERTIFICATE-----
    MIIBejCCASCgAwIBAgIUX6BPEChfaMV/pyj5iUMJy9fWRlIwCgYIKoZIzj0EAwIw
    FzEVMBMGA1UEAwwMRXhhbXBsZSBSb290MB4XDTIwMDEwMTAwMDAwMFoXDTQwMDEw
    MTAwMDAwMFowHDEaMBgGA1UEAwwRRXhhbXBsZSBBdXRob3JpdHkwWTATBgcqhkjO
    PQIBBggqhkjOPQMBBwNCAAR9LFcK9lprQwBdKmkLZEuTTpG+S8+hjNWoldeMrIw6
    0H3IbHxeN6gKUcscKGVHGP1iZR/4mHw0QhS3+/0i8/5Ho0UwQzASBgNVHRMBAf8E
    CDAGAQH/AgEAMA4GA1UdDwEB/wQEAwIBBjAdBgNVHQ4EFgQURP6AhwWQ7LBv1vEw
    1IYYeYnhY2wwCgYIKoZIzj0EAwIDSAAwRQIgJi42naoMK+7U7DP2tEnM47Yry4r8
    YLX/TPhjA3xogToCIQCIwaEfIMGxindlSszeKs6zyoc0GepZGdYwIBtiY+PEmw==
    -----END CERTIFICATE-----
"
    };
    // The same, until 2021.
    (leaf_expired) => {
        "    -----BEGIN CERTIFICATE-----
    MIIBqzCCAVKgAwIBAgIUMLq7J3s1ttD5pOzLZTXHyOPGCm4wCgYIKoZIzj0EAwIw
    HDEaMBgGA1UEAwwRRXhhbXBsZSBBdXRob3JpdHkwHhcNMjAwMTAxMDAwMDAwWhcN
    MjEwMTAxMDAwMDAwWjAbMRkwFwYDVQQDDBBzaG9wLmV4YW1wbGUuY29tMFkwEwYH
    KoZIzj0CAQYIKoZIzj0DAQcDQgAEk2zO8oaPleHx+zxfYM1Rci4pDUDIls8XyE8o
    N2SNFPDQd+6g6uGUf4YAk6nDNlygHSuSYhPfSpFjbWBM0Xf6eKNzMHEwDAYDVR0T
    AQH/BAIwADAOBgNVHQ8BAf8EBAMCB4AwEwYDVR0lBAwwCgYIKwYBBQUHAwEwGwYD
    VR0RBBQwEoIQc2hvcC5leGFtcGxlLmNvbTAfBgNVHSMEGDAWgBQ8MT2eY/bAp171
    AmAC/YkAjtWydjAKBggqhkjOPQQDAgNHADBEAiBleHgb7TAOCJmmlMzn970BbJ7R
    lpSceBKhxGF8D4hywAIgLA8xbjGJ/tX65UnjchmGViRWEua2OPJPbBj66svp5vs=
    -----END CERTIFICATE-----
"
    };
    // The same, from September to December of 2026.
    (leaf_ending) => {
        "    -----BEGIN CERTIFICATE-----
    MIIBrDCCAVKgAwIBAgIURBfrXRUImx/L+6Nb3slq5TCY+PcwCgYIKoZIzj0EAwIw
    HDEaMBgGA1UEAwwRRXhhbXBsZSBBdXRob3JpdHkwHhcNMjYwOTAxMDAwMDAwWhcN
    MjYxMjEwMDAwMDAwWjAbMRkwFwYDVQQDDBBzaG9wLmV4YW1wbGUuY29tMFkwEwYH
    KoZIzj0CAQYIKoZIzj0DAQcDQgAEk2zO8oaPleHx+zxfYM1Rci4pDUDIls8XyE8o
    N2SNFPDQd+6g6uGUf4YAk6nDNlygHSuSYhPfSpFjbWBM0Xf6eKNzMHEwDAYDVR0T
    AQH/BAIwADAOBgNVHQ8BAf8EBAMCB4AwEwYDVR0lBAwwCgYIKwYBBQUHAwEwGwYD
    VR0RBBQwEoIQc2hvcC5leGFtcGxlLmNvbTAfBgNVHSMEGDAWgBQ8MT2eY/bAp171
    AmAC/YkAjtWydjAKBggqhkjOPQQDAgNIADBFAiBebxXXgaot4ZSyYSEggB6wC9ie
    maXSE8ouDE1NK9EIQgIhAKaDcM9F6mpY3CmSUfJXQ+M64rexEneIrce68QWOzyux
    -----END CERTIFICATE-----
"
    };
    // The same with RSA 1024.
    (leaf_weak) => {
        "    -----BEGIN CERTIFICATE-----
    MIIB9DCCAZmgAwIBAgIUFXgXa+cHd1TIIASAN8qiklOAMQUwCgYIKoZIzj0EAwIw
    HDEaMBgGA1UEAwwRRXhhbXBsZSBBdXRob3JpdHkwHhcNMjAwMTAxMDAwMDAwWhcN
    NDAwMTAxMDAwMDAwWjAbMRkwFwYDVQQDDBBzaG9wLmV4YW1wbGUuY29tMIGfMA0G
    CSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwGcrZR9zteuAFfmZf1s7BuY/C1tWWkd2U
    h/x5F2bIeKYphXeOU33JVNTWHIGQDhYvE598DsQwXWh/TMxx51UEV2j61mIGq5q0
    Ni2hbHNOmJrq/41wmmTUIpExm6Dta1IHDl58gyp0DV7AVZyvF/HD5qCkvSBbRAqq
    9LW7Gxb+3QIDAQABo3MwcTAMBgNVHRMBAf8EAjAAMA4GA1UdDwEB/wQEAwIHgDAT
    BgNVHSUEDDAKBggrBgEFBQcDATAbBgNVHREEFDASghBzaG9wLmV4YW1wbGUuY29t
    MB8GA1UdIwQYMBaAFDwxPZ5j9sCnXvUCYAL9iQCO1bJ2MAoGCCqGSM49BAMCA0kA
    MEYCIQCsiajNsDyKodrWpPxIaPsOlnaFEG8/lwXrGg5YXitOBAIhALD1leF8eGko
    EyBmUxI+Jx3R/Q6OMbk9se3Ytpb0H9PZ
    -----END CERTIFICATE-----
"
    };
    // The same for clients only.
    (leaf_of_client) => {
        "    -----BEGIN CERTIFICATE-----
    MIIBqzCCAVKgAwIBAgIUBapXW7EjHAi1jJ4PHbmh1KtAW5swCgYIKoZIzj0EAwIw
    HDEaMBgGA1UEAwwRRXhhbXBsZSBBdXRob3JpdHkwHhcNMjAwMTAxMDAwMDAwWhcN
    NDAwMTAxMDAwMDAwWjAbMRkwFwYDVQQDDBBzaG9wLmV4YW1wbGUuY29tMFkwEwYH
    KoZIzj0CAQYIKoZIzj0DAQcDQgAEk2zO8oaPleHx+zxfYM1Rci4pDUDIls8XyE8o
    N2SNFPDQd+6g6uGUf4YAk6nDNlygHSuSYhPfSpFjbWBM0Xf6eKNzMHEwDAYDVR0T
    AQH/BAIwADAOBgNVHQ8BAf8EBAMCB4AwEwYDVR0lBAwwCgYIKwYBBQUHAwIwGwYD
    VR0RBBQwEoIQc2hvcC5leGFtcGxlLmNvbTAfBgNVHSMEGDAWgBQ8MT2eY/bAp171
    AmAC/YkAjtWydjAKBggqhkjOPQQDAgNHADBEAiAPt7RdFht7mFy071S7ZdNvLpxt
    eU4VSKS0z6D7Z09qcQIgXBnry6iewXB11F4sJmPM5DoprH0G9T83lf/N8sYO09I=
    -----END CERTIFICATE-----
"
    };
    // A workload of the mesh.
    (workload) => {
        "    -----BEGIN CERTIFICATE-----
    MIIBwDCCAWagAwIBAgIURt35vQ1jW+4us+VKjycsXk/rRXwwCgYIKoZIzj0EAwIw
    HDEaMBgGA1UEAwwRRXhhbXBsZSBBdXRob3JpdHkwHhcNMjAwMTAxMDAwMDAwWhcN
    NDAwMTAxMDAwMDAwWjAOMQwwCgYDVQQDDAN3ZWIwWTATBgcqhkjOPQIBBggqhkjO
    PQMBBwNCAASTbM7yho+V4fH7PF9gzVFyLikNQMiWzxfITyg3ZI0U8NB37qDq4ZR/
    hgCTqcM2XKAdK5JiE99KkWNtYEzRd/p4o4GTMIGQMAwGA1UdEwEB/wQCMAAwDgYD
    VR0PAQH/BAQDAgeAMB0GA1UdJQQWMBQGCCsGAQUFBwMBBggrBgEFBQcDAjAwBgNV
    HREEKTAnhiVzcGlmZmU6Ly9jbHVzdGVyLmxvY2FsL25zL3Nob3Avc2Evd2ViMB8G
    A1UdIwQYMBaAFDwxPZ5j9sCnXvUCYAL9iQCO1bJ2MAoGCCqGSM49BAMCA0gAMEUC
    IQDTWyku13/aDeOCTEaVle5vfl/7c1ncmn7fl7GSFnfQYgIgOKK+usEJ3NFxHdT1
    u8ECYlg0tg2zw36NKISwLICNc+Y=
    -----END CERTIFICATE-----
"
    };
    // A workload whose name ends with a slash.
    (workload_malformed) => {
        "    -----BEGIN CERTIFICATE-----
    MIIBwDCCAWegAwIBAgIUf2cW2AGBp40rkXDwlBTCWTZgX4swCgYIKoZIzj0EAwIw
    HDEaMBgGA1UEAwwRRXhhbXBsZSBBdXRob3JpdHkwHhcNMjAwMTAxMDAwMDAwWhcN
    NDAwMTAxMDAwMDAwWjAOMQwwCgYDVQQDDAN3ZWIwWTATBgcqhkjOPQIBBggqhkjO
    PQMBBwNCAASTbM7yho+V4fH7PF9gzVFyLikNQMiWzxfITyg3ZI0U8NB37qDq4ZR/
    hgCTqcM2XKAdK5JiE99KkWNtYEzRd/p4o4GUMIGRMAwGA1UdEwEB/wQCMAAwDgYD
    VR0PAQH/BAQDAgeAMB0GA1UdJQQWMBQGCCsGAQUFBwMBBggrBgEFBQcDAjAxBgNV
    HREEKjAohiZzcGlmZmU6Ly9jbHVzdGVyLmxvY2FsL25zL3Nob3Avc2Evd2ViLzAf
    BgNVHSMEGDAWgBQ8MT2eY/bAp171AmAC/YkAjtWydjAKBggqhkjOPQQDAgNHADBE
    AiB7GVEVR6OvFfm3kz246ceh6feWPQGCQloVhwSjWd7fIwIgaxVmf4TCwy2zkGxz
    sm3K83kTMcFIMST0WFdMJXqGuj4=
    -----END CERTIFICATE-----
"
    };
    // The authority below the root, from 2025 to February of 2027.
    (intermediate_ending) => {
        "    -----BEGIN CERTIFICATE-----
    MIIBmzCCAUGgAwIBAgIUYkiQkcnkle1FCEGqKJOn9wW24cUwCgYIKoZIzj0EAwIw
    FzEVMBMGA1UEAwwMRXhhbXBsZSBSb290MB4XDTI1MDIwMTAwMDAwMFoXDTI3MDIw
    MTAwMDAwMFowHDEaMBgGA1UEAwwRRXhhbXBsZSBBdXRob3JpdHkwWTATBgcqhkjO
    PQIBBggqhkjOPQMBBwNCAATG7JAtnhME/igVcIWWyDKVBXrJTANtnFL1e8mL41V6
    YIBFTw2rnbzT/eVDgFpWSF9WXKT/x0eVPixI0DHq4kr7o2YwZDASBgNVHRMBAf8E
    CDAGAQH/AgEAMA4GA1UdDwEB/wQEAwIBBjAdBgNVHQ4EFgQUPDE9nmP2wKde9QJg
    Av2JAI7VsnYwHwYDVR0jBBgwFoAUdwJgTZChI0pbsPKFs5iDijwHxWowCgYIKoZI
    zj0EAwIDSAAwRQIgY4GFycRs3ns+LYnBqndvqJlCQJ0st0X12dt79ZxAYd4CIQCe
    /lsM18L4/NE0Ae+iTNa9wc8dA4mEGW9pMCCOg9ljIQ==
    -----END CERTIFICATE-----
"
    };
    // A root of somebody else.
    (other_root) => {
        "    -----BEGIN CERTIFICATE-----
    MIIBbjCCARSgAwIBAgIUVNx24wPDzW214z0Vvwy9zKA2HdkwCgYIKoZIzj0EAwIw
    FTETMBEGA1UEAwwKT3RoZXIgUm9vdDAeFw0yMDAxMDEwMDAwMDBaFw00MDAxMDEw
    MDAwMDBaMBUxEzARBgNVBAMMCk90aGVyIFJvb3QwWTATBgcqhkjOPQIBBggqhkjO
    PQMBBwNCAAQZfmpzEuntA2joNtbUO3iDp2fw16B3au1E2tk5Et7YcoRIF8QYPr+O
    wYOA0hSC7ITHqVNTn3QE/Xv18P5O45gjo0IwQDAPBgNVHRMBAf8EBTADAQH/MA4G
    A1UdDwEB/wQEAwIBBjAdBgNVHQ4EFgQUMW9nIxf48zq6VkmBN3ewo7o8iEkwCgYI
    KoZIzj0EAwIDSAAwRQIhAMwflYjoJ9WzcABjwUjY0jhdvQJoXPw4LImVtNT6G0+B
    AiB2POBZsCyfATkUpvcnB4QWHfvPKmmmvy14PF3EazlQRw==
    -----END CERTIFICATE-----
"
    };
    // A root until 2021.
    (root_expired) => {
        "    -----BEGIN CERTIFICATE-----
    MIIBajCCARCgAwIBAgIUYd89gMJ5Q98a4zbtW+iLLHUuCj4wCgYIKoZIzj0EAwIw
    EzERMA8GA1UEAwwIT2xkIFJvb3QwHhcNMjAwMTAxMDAwMDAwWhcNMjEwMTAxMDAw
    MDAwWjATMREwDwYDVQQDDAhPbGQgUm9vdDBZMBMGByqGSM49AgEGCCqGSM49AwEH
    A0IABBl+anMS6e0DaOg21tQ7eIOnZ/DXoHdq7UTa2TkS3thyhEgXxBg+v47Bg4DS
    FILshMepU1OfdAT9e/Xw/k7jmCOjQjBAMA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0P
    AQH/BAQDAgEGMB0GA1UdDgQWBBQxb2cjF/jzOrpWSYE3d7CjujyISTAKBggqhkjO
    PQQDAgNIADBFAiBPTh8qcb9894K1SjG1H3RHjujZ4GMjQd09p7PI+3mUWAIhAMuF
    dsDKYMgzf3B2uXvqAfWpHov+B/6K/81c/S5L9IUS
    -----END CERTIFICATE-----
"
    };
    // The same signed with SHA-1.
    (leaf_sha1) => {
        "    -----BEGIN CERTIFICATE-----
    MIIBuDCCAV+gAwIBAgIBTTAJBgcqhkjOPQQBMBwxGjAYBgNVBAMMEUV4YW1wbGUg
    QXV0aG9yaXR5MB4XDTIwMDEwMTAwMDAwMFoXDTQwMDEwMTAwMDAwMFowGzEZMBcG
    A1UEAwwQc2hvcC5leGFtcGxlLmNvbTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IA
    BJNszvKGj5Xh8fs8X2DNUXIuKQ1AyJbPF8hPKDdkjRTw0HfuoOrhlH+GAJOpwzZc
    oB0rkmIT30qRY21gTNF3+nijgZMwgZAwDAYDVR0TAQH/BAIwADAOBgNVHQ8BAf8E
    BAMCB4AwEwYDVR0lBAwwCgYIKwYBBQUHAwEwGwYDVR0RBBQwEoIQc2hvcC5leGFt
    cGxlLmNvbTAfBgNVHSMEGDAWgBQ8MT2eY/bAp171AmAC/YkAjtWydjAdBgNVHQ4E
    FgQU1Zr2qS96ch1rurZ8lZOHzEUTfRUwCQYHKoZIzj0EAQNIADBFAiAudeQfQGRJ
    wNSi3ZK0v2Y3My2H9AYjFNtwGQtnJ2rrRAIhAP9/7kmjHhF4AjG9nYuDr56Eghw3
    9p9Sbzp5PZQ1SZxm
    -----END CERTIFICATE-----
"
    };
    // A revocation list of the root until 1 November 2026.
    (list_stale) => {
        "    -----BEGIN X509 CRL-----
    MIHPMHcCAQEwCgYIKoZIzj0EAwIwFzEVMBMGA1UEAwwMRXhhbXBsZSBSb290Fw0y
    NjEwMDEwMDAwMDBaFw0yNjExMDEwMDAwMDBaoC8wLTAKBgNVHRQEAwIBBzAfBgNV
    HSMEGDAWgBR3AmBNkKEjSluw8oWzmIOKPAfFajAKBggqhkjOPQQDAgNIADBFAiEA
    paFvK4XHm8o1ItHdwO2G2P08MpCP5eM90owqD9D1GqcCIF4DfriNqv4t7Z0zkIU3
    PU7dRieaNPWEY+YEGS8+5Y9V
    -----END X509 CRL-----
"
    };
    // The same until 2039.
    (list) => {
        "    -----BEGIN X509 CRL-----
    MIHPMHcCAQEwCgYIKoZIzj0EAwIwFzEVMBMGA1UEAwwMRXhhbXBsZSBSb290Fw0y
    NjEwMDEwMDAwMDBaFw0zOTExMDEwMDAwMDBaoC8wLTAKBgNVHRQEAwIBBzAfBgNV
    HSMEGDAWgBR3AmBNkKEjSluw8oWzmIOKPAfFajAKBggqhkjOPQQDAgNIADBFAiEA
    g5gNhxRN5DRboYY7L88CzwXoF55/Yxsb8Y9Tz/qzMmkCIA0PdiTDp38EHtZ7uhi2
    W0Wx2peYjVOzas+XPRPwUrJK
    -----END X509 CRL-----
"
    };
    // The key of `leaf`, made for these examples and used nowhere.
    (leaf_key) => {
        "    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgUUYM0Vvhi3FMdmJD
    blCZmsLxMlz8/f0qEcU7BlvorKehRANCAASTbM7yho+V4fH7PF9gzVFyLikNQMiW
    zxfITyg3ZI0U8NB37qDq4ZR/hgCTqcM2XKAdK5JiE99KkWNtYEzRd/p4
    -----END PRIVATE KEY-----
"
    };
    // A key that belongs to none of the server certificates.
    (other_key) => {
        "    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgU9FZYjFxPDA2rzsU
    QpD9AbHbpGbHH8Ut1oMhHm6f5FShRANCAAQZfmpzEuntA2joNtbUO3iDp2fw16B3
    au1E2tk5Et7YcoRIF8QYPr+OwYOA0hSC7ITHqVNTn3QE/Xv18P5O45gj
    -----END PRIVATE KEY-----
"
    };
    // The root of Istio's samples.
    (sample_root) => {
        "    -----BEGIN CERTIFICATE-----
    MIID7TCCAtWgAwIBAgIJAOIRDhOcxsx6MA0GCSqGSIb3DQEBCwUAMIGLMQswCQYD
    VQQGEwJVUzETMBEGA1UECAwKQ2FsaWZvcm5pYTESMBAGA1UEBwwJU3Vubnl2YWxl
    MQ4wDAYDVQQKDAVJc3RpbzENMAsGA1UECwwEVGVzdDEQMA4GA1UEAwwHUm9vdCBD
    QTEiMCAGCSqGSIb3DQEJARYTdGVzdHJvb3RjYUBpc3Rpby5pbzAgFw0xODAxMjQx
    OTE1NTFaGA8yMTE3MTIzMTE5MTU1MVowgYsxCzAJBgNVBAYTAlVTMRMwEQYDVQQI
    DApDYWxpZm9ybmlhMRIwEAYDVQQHDAlTdW5ueXZhbGUxDjAMBgNVBAoMBUlzdGlv
    MQ0wCwYDVQQLDARUZXN0MRAwDgYDVQQDDAdSb290IENBMSIwIAYJKoZIhvcNAQkB
    FhN0ZXN0cm9vdGNhQGlzdGlvLmlvMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIB
    CgKCAQEA38uEfAatzQYqbaLou1nxJ348VyNzumYMmDDt5pbLYRrCo2pS3ki1ZVDN
    8yxIENJFkpKw9UctTGdbNGuGCiSDP7uqF6BiVn+XKAU/3pnPFBbTd0S33NqbDEQu
    IYraHSl/tSk5rARbC1DrQRdZ6nYD2KrapC4g0XbjY6Pu5l4y7KnFwSunnp9uqpZw
    uERv/BgumJ5QlSeSeCmhnDhLxooG8w5tC2yVr1yDpsOHGimP/mc8Cds4V0zfIhQv
    YzfIHphhE9DKjmnjBYLOdj4aycv44jHnOGc+wvA1Jqsl60t3wgms+zJTiWwABLdw
    zgMAa7yxLyoV0+PiVQud6k+8ZoIFcwIDAQABo1AwTjAdBgNVHQ4EFgQUOUYGtUyh
    euxO4lGe4Op1y8NVoagwHwYDVR0jBBgwFoAUOUYGtUyheuxO4lGe4Op1y8NVoagw
    DAYDVR0TBAUwAwEB/zANBgkqhkiG9w0BAQsFAAOCAQEANXLyfAs7J9rmBamGJvPZ
    ltx390WxzzLFQsBRAaH6rgeipBq3dR9qEjAwb6BTF+ROmtQzX+fjstCRrJxCto9W
    tC8KvXTdRfIjfCCZjhtIOBKqRxE4KJV/RBfv9xD5lyjtCPCQl3Ia6MSf42N+abAK
    WCdU6KCojA8WB9YhSCzza3aQbPTzd26OC/JblJpVgtus5f8ILzCsz+pbMimgTkhy
    AuhYRppJaQ24APijsEC9+GIaVKPg5IwWroiPoj+QXNpshuvqVQQXvGaRiq4zoSnx
    xAJz+w8tjrDWcf826VN14IL+/Cmqlg/rIfB5CHdwVIfWwpuGB66q/UiPegZMNs8a
    3g==
    -----END CERTIFICATE-----
"
    };
}

/// The Secret of a gateway: certificates by name.
macro_rules! served {
    ($($name:ident),*) => {
        concat!(
            "apiVersion: v1\nkind: Secret\nmetadata: {name: shop-tls, namespace: edge}\ntype: kubernetes.io/tls\nstringData:\n",
            "  tls.key: ENC[AES256_GCM,data:Tr7oZw==,iv:MQ==,tag:kA==,type:str]\n  tls.crt: |\n",
            $($crate::lint::rules::certificates::examples::pem!($name)),*
        )
    };
}

/// The Secret of the mesh's authority: the signing certificate, the chain, the roots.
macro_rules! plugged {
    ($signer:ident, [$($chain:ident),*], [$($root:ident),*]) => {
        concat!(
            "apiVersion: v1\nkind: Secret\nmetadata: {name: cacerts, namespace: istio-system}\ntype: Opaque\nstringData:\n",
            "  ca-key.pem: ENC[AES256_GCM,data:Tr7oZw==,iv:MQ==,tag:kA==,type:str]\n  ca-cert.pem: |\n",
            $crate::lint::rules::certificates::examples::pem!($signer),
            "  cert-chain.pem: |\n",
            $($crate::lint::rules::certificates::examples::pem!($chain),)*
            "  root-cert.pem: |\n",
            $($crate::lint::rules::certificates::examples::pem!($root)),*
        )
    };
}

/// A gateway with its pods, which serves `shop.example.com` from the Secret `shop-tls`.
macro_rules! gateway {
    ($host:literal) => {
        $crate::lint::rules::certificates::examples::gateway!($host, "mode: SIMPLE")
    };
    ($host:literal, $tls:literal) => {
        concat!(
            "apiVersion: v1\nkind: Namespace\nmetadata: {name: edge, labels: {istio-injection: enabled}}\n---\n",
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: edge, namespace: edge}\nspec:\n",
            "  selector: {matchLabels: {app: edge}}\n  template:\n",
            "    metadata: {labels: {app: edge, istio: edge, sidecar.istio.io/inject: \"true\"}, annotations: {inject.istio.io/templates: gateway}}\n",
            "    spec: {serviceAccountName: edge, containers: [{name: edge, image: \"edge:1\", ports: [{containerPort: 8080}]}]}\n---\n",
            "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: example, namespace: edge}\nspec:\n",
            "  selector: {istio: edge}\n  servers:\n",
            "  - {port: {number: 443, name: https, protocol: HTTPS}, hosts: [",
            $host,
            "], tls: {",
            $tls,
            ", credentialName: shop-tls}}\n---\n"
        )
    };
}

pub(super) use gateway;
pub(super) use pem;
pub(super) use plugged;
pub(super) use served;
