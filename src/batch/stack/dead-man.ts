import { attribute, type Resource, ref, type Value } from '../../stack/template.ts'
import { LONGEST_WAIT_SECONDS, WARMUP_SECONDS } from '../plan/leaving.ts'

/**
 * A dead man's switch: the submitter kicks the fleet and a leader among the workers scales it; should both have died,
 * an alarm adds an instance, up to `MaxSize`.
 */
export function deadMan(): Readonly<Record<string, Resource>> {
  return {
    OneMore: {
      Type: 'AWS::AutoScaling::ScalingPolicy',
      Properties: {
        AutoScalingGroupName: ref('Group'),
        PolicyType: 'StepScaling',
        AdjustmentType: 'ChangeInCapacity',
        EstimatedInstanceWarmup: WARMUP_SECONDS,
        StepAdjustments: [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 1 }],
      },
    },
    HiAlarm: laneAlarm('HiQueue'),
    StdAlarm: laneAlarm('StdQueue'),
    BulkAlarm: laneAlarm('BulkQueue'),
    AssemblyAlarm: assemblyAlarm(),
  }
}

function laneAlarm(queue: string): Resource {
  const { MetricStat } = age(queue)
  return alarm({
    AlarmDescription: 'Images wait too long: whoever should grow the fleet is gone',
    Namespace: MetricStat.Metric.Namespace,
    MetricName: MetricStat.Metric.MetricName,
    Dimensions: MetricStat.Metric.Dimensions,
    Statistic: MetricStat.Stat,
    Period: MetricStat.Period,
  })
}

/** Barriers wait as long as their batch takes, so the alarm fires only while no instance is in service. */
function assemblyAlarm(): Resource {
  return alarm({
    AlarmDescription: 'A batch waits for its end, and nobody works',
    Metrics: [
      { Id: 'waits', ReturnData: false, ...age('AssemblyQueue') },
      {
        Id: 'works',
        ReturnData: false,
        MetricStat: {
          Metric: {
            Namespace: 'AWS/AutoScaling',
            MetricName: 'GroupInServiceInstances',
            Dimensions: [{ Name: 'AutoScalingGroupName', Value: ref('Group') }],
          },
          Stat: 'Maximum',
          Period: 60,
        },
      },
      { Id: 'alone', ReturnData: true, Expression: 'IF(FILL(works, 0) < 1, waits, 0)' },
    ],
  })
}

const age = (queue: string) => ({
  MetricStat: {
    Metric: {
      Namespace: 'AWS/SQS',
      MetricName: 'ApproximateAgeOfOldestMessage',
      Dimensions: [{ Name: 'QueueName', Value: attribute(queue, 'QueueName') }],
    },
    Stat: 'Maximum',
    Period: 60,
  },
})

function alarm(what: { readonly [name: string]: Value }): Resource {
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      ...what,
      ComparisonOperator: 'GreaterThanThreshold',
      Threshold: LONGEST_WAIT_SECONDS,
      EvaluationPeriods: 1,
      // SQS publishes no metrics of a queue that was unused for hours.
      TreatMissingData: 'notBreaching',
      AlarmActions: [ref('OneMore')],
    },
  }
}
