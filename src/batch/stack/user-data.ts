import { LEAVE_EARLY_MINUTES, SHUTDOWN_SECONDS } from '../plan/leaving.ts'

/**
 * What an instance does at its first start: it fetches the worker's code, verifies it against the digest given here,
 * and runs it, so write access to the bucket alone cannot inject code. Contains no secrets; has to stay below 16 KB.
 *
 * Three things end an instance, so that none stays idle: the worker's end, a failure of this script or of the worker,
 * and its age. Shutting down terminates it, and its group replaces terminated instances, endlessly where something is
 * broken: so an instance leaves its group first. Written for `Fn::Sub`, so shell variables have no braces.
 */
export const USER_DATA: string = `#!/bin/bash -e
mkdir -p /opt/lading
cd /opt/lading
cat > leave << 'LEAVE'
#!/bin/bash
metadata=http://169.254.169.254/latest
token=$(curl -sf -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' $metadata/api/token)
instance=$(curl -sf -H "X-aws-ec2-metadata-token: $token" $metadata/meta-data/instance-id)
aws autoscaling terminate-instance-in-auto-scaling-group --region \${AWS::Region} --instance-id "$instance" --should-decrement-desired-capacity > /dev/null
shutdown -h now
LEAVE
chmod +x leave
trap /opt/lading/leave ERR
shutdown -h +\${LifetimeMinutes}
systemd-run --on-active=$((\${LifetimeMinutes} - ${LEAVE_EARLY_MINUTES}))m /opt/lading/leave
aws s3api get-object --region \${AWS::Region} --bucket '\${Bucket}' --key 'bundles/\${BundleSha256}.tar.gz' /tmp/bundle.tar.gz > /dev/null
echo '\${BundleSha256}  /tmp/bundle.tar.gz' | sha256sum --check --status
tar -xzf /tmp/bundle.tar.gz --no-same-owner
rm /tmp/bundle.tar.gz
useradd --system --no-create-home lading
cat > /etc/systemd/system/lading-leave.service << UNIT
[Unit]
Description=Ends this instance, with no other in its place

[Service]
Type=oneshot
ExecStart=/opt/lading/leave
UNIT
cat > /etc/systemd/system/lading.service << UNIT
[Unit]
Description=Lading worker
After=network-online.target
Wants=network-online.target
StartLimitIntervalSec=600
StartLimitBurst=5
SuccessAction=poweroff
OnFailure=lading-leave.service

[Service]
User=lading
Environment=AWS_REGION=\${AWS::Region}
Environment=MALLOC_ARENA_MAX=2
Environment=UV_THREADPOOL_SIZE=8
Environment="LADING_BATCH_PUBLIC_KEYS=\${PublicKeys}"
ExecStart=/opt/lading/bin/lading batch worker --to s3://\${Bucket}?region=\${AWS::Region} --queues https://sqs.\${AWS::Region}.\${AWS::URLSuffix}/\${AWS::AccountId}/\${Name} --group \${Name}-workers
Restart=on-failure
RestartSec=5
KillMode=mixed
TimeoutStopSec=${SHUTDOWN_SECONDS}
MemoryMax=90%
NoNewPrivileges=yes
PrivateTmp=yes
ProtectHome=yes
ProtectSystem=strict
UNIT
systemctl daemon-reload
systemctl start --no-block lading
`
