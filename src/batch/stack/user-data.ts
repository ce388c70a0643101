/** Most bytes of user data. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-add-user-data.html */
export const USER_DATA_BYTES = 16_384

/**
 * What an instance does at its first start: it fetches the worker's code, holds it against the digest that stands here,
 * and runs it. Whoever may write the bucket alone cannot bring code in. There is nothing secret in it.
 *
 * Three things end an instance, so that none stays that does nothing: the worker's end, a failure of this script, and
 * its age. To shut down is to be terminated. Written for `Fn::Sub`, so the shell's variables have no braces.
 */
export const USER_DATA = `#!/bin/bash -e
trap 'shutdown -h +2' ERR
shutdown -h +\${LifetimeMinutes}
export AWS_DEFAULT_REGION=\${AWS::Region}
mkdir -p /opt/lading
cd /opt/lading
aws s3api get-object --bucket '\${Bucket}' --key 'bundles/\${BundleSha256}.tar.gz' /tmp/bundle.tar.gz > /dev/null
echo '\${BundleSha256}  /tmp/bundle.tar.gz' | sha256sum --check --status
tar -xzf /tmp/bundle.tar.gz --no-same-owner
rm /tmp/bundle.tar.gz
useradd --system --no-create-home lading
token=$(curl -sSf -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' http://169.254.169.254/latest/api/token)
id=$(curl -sSf -H "X-aws-ec2-metadata-token: $token" http://169.254.169.254/latest/meta-data/instance-id)
aws sqs create-queue --queue-name "\${Name}-ctl-$id" --attributes '{"MessageRetentionPeriod":"3600","SqsManagedSseEnabled":"true"}' > /dev/null
cat > /etc/systemd/system/lading.service << UNIT
[Unit]
Description=Lading worker
After=network-online.target
Wants=network-online.target
StartLimitIntervalSec=600
StartLimitBurst=5
SuccessAction=poweroff
FailureAction=poweroff

[Service]
User=lading
Environment=AWS_REGION=\${AWS::Region}
Environment=MALLOC_ARENA_MAX=2
Environment=UV_THREADPOOL_SIZE=8
Environment="LADING_BATCH_PUBLIC_KEYS=\${PublicKeys}"
ExecStart=/opt/lading/bin/lading batch worker --to s3://\${Bucket}?region=\${AWS::Region} --queues https://sqs.\${AWS::Region}.\${AWS::URLSuffix}/\${AWS::AccountId}/\${Name} --group \${Name}-workers
ExecStopPost=-/bin/sh -c 'test "\\$SERVICE_RESULT" != success || aws sqs delete-queue --region \${AWS::Region} --queue-url https://sqs.\${AWS::Region}.\${AWS::URLSuffix}/\${AWS::AccountId}/\${Name}-ctl-$id'
Restart=on-failure
RestartSec=5
KillMode=mixed
TimeoutStopSec=110
MemoryMax=90%
NoNewPrivileges=yes
PrivateTmp=yes
ProtectHome=yes
ProtectSystem=strict
UNIT
systemctl daemon-reload
systemctl start --no-block lading
`
