//! The table of known formats: one entry each, data only. `matcher.rs` reads it.

use crate::validate::{self as v, Validator};

/// A set of characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Set {
    Digit,
    /// Lower-case hexadecimal.
    Hex,
    /// Hexadecimal in either case.
    HexAny,
    /// `A`–`Z`, `0`–`9`.
    Upper,
    /// `A`–`Z`, `2`–`7`.
    Base32,
    Alpha,
    Alnum,
    /// Letters, digits, `_`.
    Word,
    /// Letters, digits, `_`, `-`.
    Url,
    /// The same and `.`.
    UrlDot,
    /// Standard base64 with its padding.
    B64,
    /// Letters, digits, `_ . ~ -`.
    Tilde,
    /// Hexadecimal and `-`.
    Uuid,
    /// What a name may go on with before its sign of assignment.
    Name,
    /// Letters, digits and `% + / =`: base64 in an address.
    Percent,
}

/// A piece of a format.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Part {
    /// These characters.
    L(&'static str),
    /// These characters in either case.
    I(&'static str),
    /// At most one of these characters.
    O(&'static [u8]),
    /// As many characters of the set as there are, within the bounds.
    R(Set, usize, usize),
    /// `=`, `:`, `=>`, quotes and blanks: what stands between a name and its value.
    A,
    /// Here the secret begins.
    S,
}

/// One known format.
pub(crate) struct Rule {
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    /// What must be there for the format to be tried.
    pub(crate) key: &'static str,
    /// The case of `key` does not matter.
    pub(crate) loose: bool,
    /// How many characters before `key` the format begins.
    pub(crate) back: usize,
    pub(crate) parts: &'static [Part],
    pub(crate) check: Validator,
    /// So distinct that it counts in binary files without being proven.
    pub(crate) binary: bool,
}

use Part::{A, I, L, O, R, S};
use Set::{Alnum, Alpha, B64, Base32, Digit, Hex, HexAny, Name, Percent, Tilde, Upper, Url, UrlDot, Uuid, Word};

/// Known by its prefix, which is also its first part.
macro_rules! p {
    ($id:literal, $title:literal, $key:literal, [$($part:expr),*], $check:expr) => {
        Rule { id: $id, title: $title, key: $key, loose: false, back: 0, parts: &[L($key), $($part),*], check: $check, binary: true }
    };
}
/// The same, but too common for binary files.
macro_rules! t {
    ($id:literal, $title:literal, $key:literal, [$($part:expr),*], $check:expr) => {
        Rule { id: $id, title: $title, key: $key, loose: false, back: 0, parts: &[L($key), $($part),*], check: $check, binary: false }
    };
}
/// Known by the name that it stands under.
macro_rules! n {
    ($id:literal, $title:literal, $key:literal, [$($part:expr),*], $check:expr) => {
        Rule { id: $id, title: $title, key: $key, loose: true, back: 0, parts: &[I($key), R(Name, 0, 40), A, S, $($part),*], check: $check, binary: false }
    };
}
/// Known by a mark in its middle.
macro_rules! m {
    ($id:literal, $title:literal, $key:literal, $back:expr, [$($part:expr),*], $check:expr) => {
        Rule { id: $id, title: $title, key: $key, loose: false, back: $back, parts: &[$($part),*], check: $check, binary: false }
    };
}

/// For [`Rule::back`]: as far as the first part's characters go, within its bounds.
pub(crate) const AS_FAR: usize = usize::MAX;

/// All of them.
pub(crate) static RULES: &[Rule] = &[
    // Source code hosts and their pipelines.
    p!("github-pat", "GitHub personal access token", "ghp_", [R(Alnum, 36, 36)], v::crc_base62),
    p!("github-oauth", "GitHub OAuth token", "gho_", [R(Alnum, 36, 36)], v::crc_base62),
    p!("github-user-token", "GitHub user-to-server token", "ghu_", [R(Alnum, 36, 36)], v::crc_base62),
    p!("github-app-token", "GitHub app installation token", "ghs_", [R(Alnum, 36, 36)], v::crc_base62),
    p!("github-refresh-token", "GitHub refresh token", "ghr_", [R(Alnum, 36, 76)], v::crc_base62),
    p!(
        "github-fine-grained-pat",
        "GitHub fine-grained access token",
        "github_pat_",
        [R(Alnum, 22, 22), L("_"), R(Alnum, 59, 59)],
        v::form
    ),
    p!("gitlab-pat", "GitLab personal access token", "glpat-", [R(UrlDot, 20, 320)], v::mixed),
    p!("gitlab-deploy-token", "GitLab deploy token", "gldt-", [R(Url, 20, 64)], v::mixed),
    p!("gitlab-runner-token", "GitLab runner token", "glrt-", [R(UrlDot, 20, 320)], v::mixed),
    p!("gitlab-runner-registration", "GitLab runner registration token", "GR1348941", [R(Url, 20, 24)], v::form),
    p!("gitlab-trigger-token", "GitLab pipeline trigger token", "glptt-", [R(Url, 20, 64)], v::mixed),
    p!("gitlab-job-token", "GitLab CI job token", "glcbt-", [R(Url, 20, 64)], v::mixed),
    p!("gitlab-oauth-secret", "GitLab OAuth application secret", "gloas-", [R(Hex, 64, 64)], v::form),
    p!("gitlab-feed-token", "GitLab feed token", "glft-", [R(Url, 20, 20)], v::mixed),
    p!("gitlab-agent-token", "GitLab agent token", "glagent-", [R(Url, 50, 50)], v::form),
    p!("bitbucket-app-password", "Bitbucket app password", "ATBB", [R(Alnum, 24, 24), R(HexAny, 8, 8)], v::mixed),
    p!("atlassian-token", "Atlassian API token", "ATATT3xFfGF0", [R(Url, 60, 250), O(b"="), R(HexAny, 0, 8)], v::form),
    p!(
        "atlassian-access-token",
        "Atlassian access token",
        "ATCTT3xFfGN0",
        [R(Url, 60, 250), O(b"="), R(HexAny, 0, 8)],
        v::form
    ),
    p!("buildkite-token", "Buildkite token", "bkua_", [R(Hex, 40, 40)], v::form),
    p!("circleci-token", "CircleCI token", "CCIPAT_", [R(Alnum, 22, 22), L("_"), R(Hex, 40, 40)], v::form),
    p!("sourcegraph-token", "Sourcegraph token", "sgp_", [R(Word, 40, 100)], v::mixed),
    p!("sonar-user-token", "SonarQube token", "squ_", [R(Hex, 40, 40)], v::form),
    p!("sonar-project-token", "SonarQube project token", "sqp_", [R(Hex, 40, 40)], v::form),
    p!("pulumi-token", "Pulumi access token", "pul-", [R(Hex, 40, 40)], v::form),
    m!(
        "terraform-cloud-token",
        "Terraform Cloud token",
        ".atlasv1.",
        14,
        [R(Alnum, 14, 14), L(".atlasv1."), R(Url, 60, 70)],
        v::form
    ),
    p!("infracost-token", "Infracost key", "ico-", [R(Alnum, 32, 32)], v::mixed),
    p!("prefect-token", "Prefect token", "pnu_", [R(Alnum, 36, 36)], v::mixed),
    // Package registries.
    p!("npm-token", "npm access token", "npm_", [R(Alnum, 36, 36)], v::crc_base62),
    p!("pypi-token", "PyPI token", "pypi-AgE", [R(Url, 50, 1000)], v::pypi),
    t!("crates-io-token", "crates.io token", "cio", [R(Alnum, 32, 32)], v::mixed),
    p!("rubygems-token", "RubyGems key", "rubygems_", [R(Hex, 48, 48)], v::form),
    p!("clojars-token", "Clojars deploy token", "CLOJARS_", [R(HexAny, 60, 60)], v::form),
    t!("nuget-key", "NuGet key", "oy2", [R(Alnum, 43, 43)], v::mixed),
    p!("jfrog-api-key", "JFrog API key", "AKCp", [R(Alnum, 69, 69)], v::form),
    p!("jfrog-reference-token", "JFrog reference token", "cmVmdGtu", [R(Alnum, 56, 56)], v::form),
    p!("docker-pat", "Docker Hub personal access token", "dckr_pat_", [R(Url, 20, 40)], v::mixed),
    p!("docker-oat", "Docker Hub organisation access token", "dckr_oat_", [R(Url, 20, 40)], v::mixed),
    // Clouds.
    p!("aws-access-key-id", "AWS access key id", "AKIA", [R(Base32, 16, 16)], v::aws_id),
    p!("aws-temporary-key-id", "AWS temporary access key id", "ASIA", [R(Base32, 16, 16)], v::aws_id),
    p!("aws-bearer-key-id", "AWS bearer token id", "ABIA", [R(Base32, 16, 16)], v::aws_id),
    p!("aws-context-key-id", "AWS context-specific credential id", "ACCA", [R(Base32, 16, 16)], v::aws_id),
    Rule {
        id: "aws-secret-access-key",
        title: "AWS secret access key",
        key: "secret",
        loose: true,
        back: 0,
        parts: &[I("secret"), O(b"_-. "), I("access"), O(b"_-. "), I("key"), R(Name, 0, 8), A, S, R(B64, 40, 40)],
        check: v::aws_secret,
        binary: false,
    },
    n!("aws-secret-access-key", "AWS secret access key", "aws_secret", [R(B64, 40, 40)], v::aws_secret),
    p!("aws-bedrock-key", "AWS Bedrock key", "ABSK", [R(B64, 109, 269)], v::form),
    p!("google-api-key", "Google API key", "AIza", [R(Url, 35, 35)], v::mixed),
    p!("google-oauth-secret", "Google OAuth client secret", "GOCSPX-", [R(Url, 28, 28)], v::form),
    t!("google-access-token", "Google access token", "ya29.", [R(Url, 40, 400)], v::mixed),
    t!("google-refresh-token", "Google refresh token", "1//0", [R(Url, 60, 120)], v::mixed),
    p!("azure-storage-key", "Azure storage account key", "AccountKey=", [S, R(B64, 88, 88)], v::random),
    p!("azure-shared-access-key", "Azure shared access key", "SharedAccessKey=", [S, R(B64, 43, 88)], v::random),
    t!("azure-sas", "Azure shared access signature", "sig=", [S, R(Percent, 43, 60)], sas),
    m!(
        "azure-client-secret",
        "Azure AD client secret",
        "Q~",
        4,
        [R(Tilde, 3, 3), R(Digit, 1, 1), L("Q~"), R(Tilde, 31, 34)],
        v::mixed
    ),
    m!("azure-devops-pat", "Azure DevOps token", "AZDO", 76, [R(Alnum, 76, 76), L("AZDO"), R(Alnum, 4, 4)], v::form),
    p!("alibaba-key-id", "Alibaba Cloud access key id", "LTAI5t", [R(Alnum, 18, 18)], v::mixed),
    p!("tencent-secret-id", "Tencent Cloud secret id", "AKID", [R(Alnum, 32, 32)], v::mixed),
    p!("digitalocean-pat", "DigitalOcean access token", "dop_v1_", [R(Hex, 64, 64)], v::form),
    p!("digitalocean-oauth", "DigitalOcean OAuth token", "doo_v1_", [R(Hex, 64, 64)], v::form),
    p!("digitalocean-refresh", "DigitalOcean refresh token", "dor_v1_", [R(Hex, 64, 64)], v::form),
    p!("heroku-key", "Heroku API key", "HRKU-", [R(Url, 36, 64)], v::mixed),
    n!("heroku-key", "Heroku API key", "heroku", [R(Uuid, 36, 36)], uuid),
    n!("cloudflare-token", "Cloudflare API token", "cloudflare", [R(Url, 37, 40)], v::mixed),
    p!(
        "cloudflare-origin-key",
        "Cloudflare origin CA key",
        "v1.0-",
        [R(Hex, 24, 24), L("-"), R(Hex, 146, 146)],
        v::form
    ),
    p!("fly-token", "Fly.io token", "FlyV1 fm", [R(Digit, 1, 1), L("_"), R(B64, 60, 1000)], v::form),
    p!("fly-access-token", "Fly.io access token", "fo1_", [R(Url, 43, 43)], v::mixed),
    p!("netlify-token", "Netlify token", "nfp_", [R(Alnum, 36, 36)], v::mixed),
    p!("supabase-token", "Supabase token", "sbp_", [R(Hex, 40, 40)], v::form),
    p!("planetscale-token", "PlanetScale token", "pscale_tkn_", [R(UrlDot, 32, 64)], v::form),
    p!("planetscale-password", "PlanetScale password", "pscale_pw_", [R(UrlDot, 32, 64)], v::form),
    p!("scaleway-key", "Scaleway access key", "SCW", [R(Upper, 17, 17)], v::mixed),
    p!("openshift-token", "OpenShift token", "sha256~", [R(Url, 43, 43)], v::mixed),
    p!("yandex-key", "Yandex Cloud API key", "AQVN", [R(Url, 35, 38)], v::mixed),
    // Secret stores and identity.
    p!("vault-service-token", "HashiCorp Vault service token", "hvs.", [R(Url, 24, 200)], v::mixed),
    p!("vault-batch-token", "HashiCorp Vault batch token", "hvb.", [R(Url, 100, 400)], v::mixed),
    p!("vault-recovery-token", "HashiCorp Vault recovery token", "hvr.", [R(Url, 24, 200)], v::mixed),
    p!("doppler-token", "Doppler token", "dp.pt.", [R(Alnum, 40, 44)], v::form),
    t!("doppler-service-token", "Doppler service token", "dp.st.", [R(UrlDot, 40, 80)], v::mixed),
    p!("onepassword-service-token", "1Password service account token", "ops_eyJ", [R(B64, 200, 1200)], v::form),
    p!("age-secret-key", "age secret key", "AGE-SECRET-KEY-1", [R(Upper, 58, 58)], v::age),
    n!("okta-token", "Okta API token", "okta", [L("00"), R(Url, 40, 40)], v::mixed),
    p!("tailscale-key", "Tailscale key", "tskey-", [R(Alpha, 3, 10), L("-"), R(Url, 20, 70)], v::mixed),
    // Messaging and mail.
    p!("slack-bot-token", "Slack bot token", "xoxb-", [R(Url, 24, 90)], v::mixed),
    p!("slack-user-token", "Slack user token", "xoxp-", [R(Url, 24, 100)], v::mixed),
    p!("slack-token", "Slack token", "xoxa-", [R(Url, 24, 100)], v::mixed),
    p!("slack-refresh-token", "Slack refresh token", "xoxr-", [R(Url, 24, 160)], v::mixed),
    p!("slack-session-token", "Slack session token", "xoxs-", [R(Url, 24, 160)], v::mixed),
    p!("slack-config-token", "Slack configuration token", "xoxe", [O(b"."), R(UrlDot, 40, 260)], v::mixed),
    p!("slack-app-token", "Slack app token", "xapp-", [R(Url, 40, 160)], v::mixed),
    p!(
        "slack-webhook",
        "Slack webhook",
        "hooks.slack.com/services/",
        [L("T"), R(Upper, 8, 12), L("/B"), R(Upper, 8, 12), L("/"), R(Alnum, 20, 26)],
        v::mixed
    ),
    p!(
        "teams-webhook",
        "Microsoft Teams webhook",
        ".webhook.office.com/webhookb2/",
        [R(Uuid, 36, 36), L("@"), R(Uuid, 36, 36), L("/IncomingWebhook/"), R(Hex, 32, 32), L("/"), R(Uuid, 36, 36)],
        v::form
    ),
    p!(
        "discord-webhook",
        "Discord webhook",
        "discord.com/api/webhooks/",
        [R(Digit, 17, 20), L("/"), R(Url, 60, 70)],
        v::form
    ),
    n!(
        "discord-bot-token",
        "Discord bot token",
        "discord",
        [R(Url, 24, 28), L("."), R(Url, 6, 6), L("."), R(Url, 27, 40)],
        v::mixed
    ),
    m!(
        "telegram-bot-token",
        "Telegram bot token",
        ":AA",
        AS_FAR,
        [R(Digit, 8, 10), L(":AA"), R(Url, 33, 33)],
        v::mixed
    ),
    p!("sendgrid-key", "SendGrid key", "SG.", [R(Url, 22, 22), L("."), R(Url, 43, 43)], v::form),
    t!("mailgun-key", "Mailgun key", "key-", [R(Hex, 32, 32)], v::random),
    m!("mailchimp-key", "Mailchimp key", "-us", 32, [R(Hex, 32, 32), L("-us"), R(Digit, 1, 2)], v::random),
    p!("sendinblue-key", "Brevo key", "xkeysib-", [R(Hex, 64, 64), L("-"), R(Alnum, 16, 16)], v::form),
    n!("twilio-auth-token", "Twilio auth token", "twilio", [R(Hex, 32, 32)], v::random),
    n!("twilio-key-id", "Twilio API key id", "twilio", [L("SK"), R(Hex, 32, 32)], v::random),
    // Payment and shops.
    p!("stripe-live-key", "Stripe live secret key", "sk_live_", [R(Alnum, 16, 240)], v::mixed),
    p!("stripe-live-restricted-key", "Stripe live restricted key", "rk_live_", [R(Alnum, 16, 240)], v::mixed),
    p!("stripe-test-key", "Stripe test secret key", "sk_test_", [R(Alnum, 16, 240)], v::test_key),
    p!("stripe-webhook-secret", "Stripe webhook secret", "whsec_", [R(B64, 32, 64)], v::mixed),
    p!("shopify-token", "Shopify access token", "shpat_", [R(HexAny, 32, 32)], v::form),
    p!("shopify-custom-app-token", "Shopify custom app token", "shpca_", [R(HexAny, 32, 32)], v::form),
    p!("shopify-private-app-token", "Shopify private app password", "shppa_", [R(HexAny, 32, 32)], v::form),
    p!("shopify-shared-secret", "Shopify shared secret", "shpss_", [R(HexAny, 32, 32)], v::form),
    p!("square-access-token", "Square access token", "sq0atp-", [R(Url, 22, 22)], v::mixed),
    p!("square-oauth-secret", "Square OAuth secret", "sq0csp-", [R(Url, 43, 43)], v::mixed),
    t!("square-token", "Square token", "EAAA", [R(Url, 60, 60)], v::mixed),
    p!("easypost-key", "EasyPost key", "EZAK", [R(Alnum, 54, 54)], v::mixed),
    p!("shippo-key", "Shippo key", "shippo_live_", [R(Hex, 40, 40)], v::form),
    p!("flutterwave-key", "Flutterwave key", "FLWSECK-", [R(Alnum, 32, 40), L("-X")], v::form),
    // Observation of running systems.
    n!("datadog-key", "Datadog key", "datadog", [R(Hex, 32, 40)], v::random),
    n!("datadog-key", "Datadog key", "dd_api", [R(Hex, 32, 32)], v::random),
    n!("datadog-key", "Datadog key", "dd_app", [R(Hex, 40, 40)], v::random),
    p!("newrelic-user-key", "New Relic user key", "NRAK-", [R(Upper, 27, 27)], v::mixed),
    p!("newrelic-insert-key", "New Relic insert key", "NRII-", [R(Url, 32, 32)], v::mixed),
    m!("newrelic-license-key", "New Relic licence key", "NRAL", 36, [R(Hex, 36, 36), L("NRAL")], v::random),
    p!(
        "grafana-service-token",
        "Grafana service account token",
        "glsa_",
        [R(Alnum, 32, 32), L("_"), R(HexAny, 8, 8)],
        v::grafana
    ),
    p!("grafana-cloud-token", "Grafana Cloud token", "glc_", [R(B64, 32, 400)], v::json_behind_prefix),
    p!("grafana-api-key", "Grafana API key", "eyJrIjoi", [R(B64, 60, 400)], v::json_behind_prefix),
    p!(
        "sentry-org-token",
        "Sentry organisation token",
        "sntrys_",
        [R(B64, 60, 400), L("_"), R(B64, 43, 43)],
        v::json_behind_prefix
    ),
    p!("sentry-user-token", "Sentry user token", "sntryu_", [R(Hex, 64, 64)], v::form),
    p!("dynatrace-token", "Dynatrace token", "dt0c01.", [R(Upper, 24, 24), L("."), R(Upper, 64, 64)], v::form),
    n!("pagerduty-key", "PagerDuty key", "pagerduty", [R(Url, 20, 32)], v::mixed),
    p!("postman-key", "Postman key", "PMAK-", [R(Hex, 24, 24), L("-"), R(Hex, 34, 34)], v::form),
    // Language models.
    p!("openai-key", "OpenAI key", "sk-proj-", [R(Url, 40, 200)], v::openai),
    p!("openai-service-key", "OpenAI service account key", "sk-svcacct-", [R(Url, 40, 200)], v::mixed),
    t!("openai-key", "OpenAI key", "sk-", [R(Url, 40, 200)], v::openai),
    p!("anthropic-key", "Anthropic key", "sk-ant-", [R(Url, 30, 140)], v::mixed),
    p!("huggingface-token", "Hugging Face token", "hf_", [R(Alpha, 34, 34)], v::both_cases),
    p!("huggingface-org-token", "Hugging Face organisation token", "api_org_", [R(Alpha, 34, 34)], v::both_cases),
    p!("replicate-token", "Replicate token", "r8_", [R(Alnum, 37, 37)], v::mixed),
    p!("groq-key", "Groq key", "gsk_", [R(Alnum, 52, 52)], v::mixed),
    p!("perplexity-key", "Perplexity key", "pplx-", [R(Alnum, 40, 60)], v::mixed),
    p!("xai-key", "xAI key", "xai-", [R(Alnum, 70, 90)], v::mixed),
    // Work tools.
    p!("linear-key", "Linear key", "lin_api_", [R(Alnum, 40, 40)], v::mixed),
    p!("linear-oauth", "Linear OAuth token", "lin_oauth_", [R(Hex, 64, 64)], v::form),
    p!("notion-token", "Notion token", "ntn_", [R(Digit, 9, 13), R(Alnum, 33, 37)], v::mixed),
    t!("notion-secret", "Notion integration secret", "secret_", [R(Alnum, 43, 43)], v::mixed),
    p!("databricks-token", "Databricks token", "dapi", [R(Hex, 32, 32), O(b"-"), R(Digit, 0, 2)], v::random),
    p!("figma-token", "Figma token", "figd_", [R(Url, 38, 46)], v::mixed),
    p!("typeform-token", "Typeform token", "tfp_", [R(UrlDot, 40, 60)], v::mixed),
    p!("contentful-token", "Contentful token", "CFPAT-", [R(Url, 43, 43)], v::mixed),
    p!("readme-key", "ReadMe key", "rdme_", [R(Alnum, 70, 70)], v::mixed),
    p!("adafruit-key", "Adafruit IO key", "aio_", [R(Alnum, 28, 28)], v::mixed),
    n!("airtable-token", "Airtable token", "airtable", [L("pat"), R(Alnum, 14, 14), L("."), R(Hex, 64, 64)], v::form),
    p!("mapbox-secret-token", "Mapbox secret token", "sk.eyJ", [R(Url, 40, 120), L("."), R(Url, 20, 30)], v::form),
    n!("launchdarkly-key", "LaunchDarkly key", "launchdarkly", [L("sdk-"), R(Uuid, 36, 36)], uuid_tail),
    // Whoever made it.
    p!(
        "json-web-token",
        "JSON web token",
        "eyJ",
        [R(Url, 10, 4000), L("."), R(Url, 4, 8000), L("."), R(Url, 0, 2000)],
        v::jwt
    ),
];

fn uuid(secret: &str) -> Option<v::Verdict> {
    crate::shape::is_uuid(secret).then(|| v::random(secret)).flatten()
}

fn uuid_tail(secret: &str) -> Option<v::Verdict> {
    uuid(secret.strip_prefix("sdk-")?)
}

/// 32 bytes in base64, as an address writes them.
fn sas(secret: &str) -> Option<v::Verdict> {
    let plain = secret.replace("%2B", "+").replace("%2F", "/").replace("%3D", "=");
    let plain = plain.replace("%2b", "+").replace("%2f", "/").replace("%3d", "=");
    (v::decode_base64(&plain)?.len() == 32).then(|| v::random(secret)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_written_alike_and_titles_are_there() {
        assert!(RULES.len() >= 80);
        for rule in RULES {
            assert!(rule.id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), "{}", rule.id);
            assert!(!rule.title.is_empty() && rule.key.len() >= 2, "{}", rule.id);
        }
    }
}
